// The shapes of the control API, web clients, for the type checker. Nothing here runs, and no page loads it.

/** @typedef {{ jar: "own" | "default", client_certificates: boolean, private_addresses: boolean, metadata_addresses: boolean }} Rights */
/**
 * @typedef {object} PairingWindow While it is open, one origin may pair.
 * @property {string | number} id
 * @property {string} origin
 * @property {string} code
 * @property {number} expires_us
 * @property {number} tries_left
 * @property {boolean} [hoppscotch]
 * @property {Rights} [rights]
 */
/**
 * @typedef {object} Pairing
 * @property {string | number} id
 * @property {"native" | "hoppscotch"} kind
 * @property {string} origin
 * @property {number} created_us
 * @property {number | null} last_used_us
 * @property {number} requests
 * @property {Rights} rights
 */

export {};
