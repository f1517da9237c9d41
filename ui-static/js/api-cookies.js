// The control API, cookies: jars and what is in them, what of it would be sent, syncing from traffic, cookies of a session.

import { BASE, call, json, search } from "./api.js";

/** @import { Cookie, CookiePage, CookieChange, Explanation, Imported, Jar, JarDomain, SeenPage, Sync, PastValue } from "./cookies/types.js" */

/**
 * @param {string} method
 * @param {object} body
 */
const write = (method, body) => ({ method, body: JSON.stringify(body) });

/** @type {() => Promise<{ items: Jar[] }>} */
export const jars = () => json("/jars");

/** @param {string} name @returns {Promise<Jar>} */
export const addJar = (name) => json("/jars", write("POST", { name }));

/** @param {number} id @param {{ name?: string, default?: true }} to */
export const changeJar = (id, to) => call(`${BASE}/jars/${id}`, write("PATCH", to));

/** @param {number} jar @returns {Promise<{ items: JarDomain[] }>} */
export const domains = (jar) => json(`/jars/${jar}/domains`);

/** @param {number} jar @param {string} domain @returns {Promise<JarDomain>} */
export const addDomain = (jar, domain) => json(`/jars/${jar}/domains`, write("POST", { domain }));

/**
 * @param {number} jar
 * @param {{ domain?: string, reach?: string, q?: string, limit?: number, cursor?: string, reveal?: string }} query `reach`: those that a host receives from above, too
 * @param {AbortSignal} [signal]
 * @returns {Promise<CookiePage>}
 */
export const cookies = (jar, query, signal) => json(`/jars/${jar}/cookies?${search(query)}`, { signal });

/** @param {number} jar @param {number} id @param {boolean} reveal @returns {Promise<Cookie>} */
export const cookie = (jar, id, reveal) => json(`/jars/${jar}/cookies/${id}?reveal=${reveal}`);

/** @param {number} jar @param {{ set_cookie: string, url: string } | { event: { exchange: string, position: number } }} of @returns {Promise<Cookie>} */
export const addCookie = (jar, of) => json(`/jars/${jar}/cookies`, write("POST", of));

/** @param {number} jar @param {number} id @param {CookieChange} to @returns {Promise<Cookie>} */
export const changeCookie = (jar, id, to) => json(`/jars/${jar}/cookies/${id}`, write("PUT", to));

/** @type {(jar: number, exchange: string, reveal: boolean) => Promise<{ at_us: number, items: (PastValue & Pick<Cookie, "name" | "domain" | "host_only" | "path">)[] }>} A jar as it was when an exchange began. */
export const jarAt = (jar, exchange, reveal) => json(`/jars/${jar}/at?${search({ exchange, reveal: String(reveal) })}`);

/** @type {(jar: number, id: number, reveal: boolean) => Promise<{ items: PastValue[], next: number | null }>} What a cookie was over time. */
export const values = (jar, id, reveal) => json(`/jars/${jar}/cookies/${id}/history?reveal=${reveal}`);

/** @param {number} jar @param {number} id @param {number} history @returns {Promise<Cookie>} */
export const restore = (jar, id, history) => json(`/jars/${jar}/cookies/${id}/restore`, write("POST", { history }));

/**
 * @param {number} jar
 * @param {{ url: string, method?: string, top_level?: string }} query
 * @param {AbortSignal} [signal]
 * @returns {Promise<Explanation>}
 */
export const explain = (jar, query, signal) => json(`/jars/${jar}/explain?${search(query)}`, { signal });

/** @param {number} jar @param {Blob} file @returns {Promise<Imported>} */
export const importCookies = (jar, file) => json(`/jars/${jar}/import`, { method: "POST", body: file, headers: { "content-type": "application/octet-stream" } });

/** Where a file of cookies can be had, for a download. @param {number} jar @param {string} format @param {string} domain or empty */
export const cookiesUrl = (jar, format, domain) => `${BASE}/jars/${jar}/export?${search({ format, domain })}`;

/** What of the cookies such a file cannot say, in sentences. @param {number} jar @param {string} format @param {string} domain or empty @returns {Promise<{ left_out: string[] }>} */
export const leftOut = (jar, format, domain) => json(`/jars/${jar}/export/report?${search({ format, domain })}`);

/** @type {() => Promise<Sync>} */
export const sync = () => json("/cookie-sync");

/** @param {{ on?: boolean, jar?: number }} to */
export const changeSync = (to) => call(`${BASE}/cookie-sync`, write("PUT", to));

/** @param {string} domain @param {boolean} earlier whether what was captured before is taken over */
export const syncDomain = (domain, earlier) => json("/cookie-sync/domains", write("POST", { domain, take_over: earlier }));

/** @param {number} id */
export const stopSync = (id) => call(`${BASE}/cookie-sync/domains/${id}`, { method: "DELETE" });

/**
 * Cookies that were set and sent in a session.
 * @param {number} session
 * @param {{ after?: string, limit?: number, host?: string }} query
 * @returns {Promise<SeenPage>}
 */
export const seenCookies = (session, query) => json(`/sessions/${session}/cookies?${search(query)}`);
