// The shapes of the control API, web clients, for the type checker. Nothing here runs, and no page loads it.

/** @typedef {{ jar: "own" | "default", client_certificates: boolean, private_addresses: boolean, metadata_addresses: boolean }} Rights */
/**
 * @typedef {object} PairingWindow While it is open, one origin may pair.
 * @property {number} id
 * @property {string} origin
 * @property {"native" | "hoppscotch"} kind
 * @property {"open" | "paired" | "locked" | "expired" | "closed"} state
 * @property {string | null} code while it is open
 * @property {number} expires_us
 * @property {number} tries_left
 * @property {Rights} rights
 */
/**
 * @typedef {object} Pairing
 * @property {number} id
 * @property {"native" | "hoppscotch"} kind
 * @property {string} origin
 * @property {number} created_us
 * @property {number | null} last_used_us
 * @property {number} requests
 * @property {Rights} rights
 */

export {};
