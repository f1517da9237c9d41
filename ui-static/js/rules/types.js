// The shapes of the control API, ways to servers, for the type checker. Nothing here runs, and no page loads it.

/**
 * @typedef {object} ClientCertificate
 * @property {number} id
 * @property {string} pattern with a port
 * @property {string} subject
 * @property {string} issuer
 * @property {string} not_before RFC 3339
 * @property {string} not_after RFC 3339
 * @property {string | null} trouble why it is of no use now, if so
 * @property {string} fingerprint SHA-256, hexadecimal
 * @property {number} added_us
 */
/** @typedef {{ url: string, username: string | null, password: boolean }} UpstreamProxy `password`: whether there is one */
/** @typedef {{ http: UpstreamProxy | null, https: UpstreamProxy | null, bypass: string[] }} ProxySource */
/**
 * @typedef {ProxySource & { system: boolean, environment: ProxySource, unusable: string[], given: ProxySource | null, used: "flag" | "custom" | "system" | "none" }} UpstreamProxies
 *   those that are set, of the environment, and given at the start
 */
/** @typedef {{ url: string, username?: string, password?: string }} NewProxy a password left out stays as it is, if nothing else changes */
/** @typedef {{ http: NewProxy | null, https: NewProxy | null, bypass: string, system: boolean }} ProxyChange */
/** @typedef {{ subject: string, sha256: string, not_before: string | null, not_after: string | null, spki_sha256: string }} CaFacts `spki_sha256`: base64 */

export {};
