// The control API, web clients: windows in which one may pair, and those that have.

import { BASE, call, json, search } from "./api.js";

/** @import { Pairing, PairingWindow, Rights } from "./setup/types.js" */

/** @type {() => Promise<{ items: PairingWindow[] }>} */
export const pairingWindows = () => json("/agent/windows");

/**
 * Opens a window of two minutes for one origin.
 * @param {{ origin: string, hoppscotch: boolean, rights: Rights }} of
 * @returns {Promise<PairingWindow>}
 */
export const openPairingWindow = (of) => json("/agent/windows", { method: "POST", body: JSON.stringify(of) });

/** @param {number} id */
export const closePairingWindow = (id) => call(`${BASE}/agent/windows/${id}`, { method: "DELETE" });

/** @type {() => Promise<{ items: string[] }>} */
export const blockedOrigins = () => json("/agent/blocked");

/** Ends all that pages of an origin have, and lets none of them pair. @param {string} origin */
export const block = (origin) => call(`${BASE}/agent/blocked`, { method: "POST", body: JSON.stringify({ origin }) });

/** @param {string} origin */
export const unblock = (origin) => call(`${BASE}/agent/blocked?${search({ origin })}`, { method: "DELETE" });

/** @type {() => Promise<{ items: Pairing[] }>} */
export const pairings = () => json("/agent/pairings");

/** @param {number} id @param {Rights} rights */
export const changeRights = (id, rights) => call(`${BASE}/agent/pairings/${id}`, { method: "PATCH", body: JSON.stringify({ rights }) });

/** @param {number} id */
export const revoke = (id) => call(`${BASE}/agent/pairings/${id}`, { method: "DELETE" });
