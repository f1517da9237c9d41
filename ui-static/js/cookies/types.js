// What the control API answers about cookies. Names are the API's.

/** @typedef {{ id: number, name: string, default: boolean, cookies: number, domains: number }} Jar */
/** @typedef {{ domain: string, cookies: number, synced: boolean }} JarDomain */
/** @typedef {"strict" | "lax" | "none"} SameSite */
/**
 * @typedef {object} Cookie
 * @property {number} id
 * @property {string} name
 * @property {string | null} value `null`: it is hidden
 * @property {number} value_length bytes
 * @property {string} domain
 * @property {boolean} host_only
 * @property {string} path
 * @property {boolean} secure
 * @property {boolean} http_only
 * @property {SameSite | null} same_site
 * @property {string | null} partition the site of the page it is kept for
 * @property {number | null} expires_us
 * @property {number} created_us
 * @property {number} changed_us
 * @property {"response" | "request" | "user" | "import" | "sync"} source
 * @property {boolean} guessed it was only ever seen in a field Cookie
 * @property {string | null} exchange that set it
 * @property {number} size bytes of name and value
 */
/** @typedef {Pick<Cookie, "name" | "domain" | "host_only" | "path" | "secure" | "http_only" | "same_site" | "partition" | "expires_us"> & { value?: string }} CookieChange */
/** @typedef {{ items: Cookie[], next?: string | null }} CookiePage */
/** @typedef {{ id: number, at_us: number, what: "stored" | "replaced" | "deleted" | "evicted" | "edited" | "imported" | "guessed" | "restored", value: string | null, exchange: string | null }} PastValue what a cookie was from a moment on */
/** @typedef {{ field: string | null, sent: Cookie[], held_back: { cookie: Cookie, rule: string, why: string }[], held_back_count: number }} Explanation the count is that of all, listed or not */
/** @typedef {{ added: number, replaced: number, over: number, refused: { place: string, line: number | null, reason: string }[], refused_count: number, notes: string[] }} Imported `over`: their time had ended */
/** @typedef {{ id: number, domain: string, host: string, subdomains: boolean, added_us: number, last_us: number | null, cookies: number }} SyncDomain */
/** @typedef {{ on: boolean, jar: number, domains: SyncDomain[], dropped: number }} Sync */
/**
 * @typedef {object} Seen A field Set-Cookie or Cookie of an exchange.
 * @property {string} exchange
 * @property {number} position
 * @property {number} at_us
 * @property {string} host
 * @property {"sent" | "stored" | "replaced" | "deleted" | "over" | "rejected"} outcome
 * @property {{ code: string, message: string } | null} reason
 * @property {string} value of the field
 * @property {{ name: string, value: string, domain: string | null, path: string | null, expires_us: number | null, max_age: number | null, secure: boolean, http_only: boolean, same_site: SameSite | null, partitioned: boolean, ignored: string[] } | null} set
 * @property {{ name: string, value: string }[]} sent
 */
/** @typedef {{ items: Seen[], next: string | null }} SeenPage */

export {};
