// The control API, what acts on sessions and lists: recording, deleting, counting, files.

import { BASE, call, json, search } from "./api.js";

/** @import { Deletion, Facets, Overview, Preset, Property, Proxy, Rules, Session } from "./api-types.js" */

/** @typedef {{ name?: string, note?: string | null, pinned?: boolean, rules?: Rules }} SessionChange */

/** @param {object} body */
const post = (body = {}) => ({ method: "POST", body: JSON.stringify(body) });

/**
 * Begins a session; the one before is stopped.
 * @param {SessionChange} [of]
 * @returns {Promise<Session>}
 */
export const startSession = (of) => json("/sessions", post(of));

/**
 * @param {number} id
 * @returns {Promise<Session>}
 */
export const session = (id) => json(`/sessions/${id}`);

/**
 * @param {number} id
 * @param {SessionChange} change
 * @returns {Promise<Session>}
 */
export const changeSession = (id, change) => json(`/sessions/${id}`, { method: "PATCH", body: JSON.stringify(change) });

/** @type {() => Promise<{ items: Preset[] }>} Sets of recording rules for common ends. */
export const presets = () => json("/recording-presets");

/**
 * @param {number} id
 * @param {"pause" | "resume" | "stop"} action
 * @returns {Promise<Session>}
 */
export const act = (id, action) => json(`/sessions/${id}/${action}`, post());

/**
 * @param {number} id
 * @param {Property} by
 * @param {AbortSignal} [signal]
 * @returns {Promise<Overview>}
 */
export const overview = (id, by, signal) => json(`/sessions/${id}/overview?by=${by}`, { signal });

/**
 * Hides exchanges, or a whole session with them; they are gone for good a little later.
 * @param {{ exchanges: string[] } | { filter: string } | { session: number } | { items: number[] } | { collection: number } | { cookies: number[] } | { jar: number, domain?: string, all?: true } | { cookie_events: { exchange: string, position: number }[] }} what
 * @returns {Promise<Deletion>}
 */
export const remove = (what) => json("/deletions", post(what));

/** @param {number} id of a deletion that is to be undone */
export const bringBack = (id) => call(`${BASE}/deletions/${id}`, { method: "DELETE" });

/**
 * @param {string} filter
 * @param {AbortSignal} [signal]
 * @returns {Promise<Facets>}
 */
export const facets = (filter, signal) => json(`/facets?${search({ filter })}`, { signal });

/**
 * @param {boolean} on
 * @returns {Promise<Proxy>}
 */
export const switchProxy = (on) => json("/proxy", { method: "PUT", body: JSON.stringify({ on }) });

/**
 * Where a HAR of what passes a filter can be had, for a download.
 * @param {string} filter
 * @param {"redact" | "keep"} secrets
 */
export const harUrl = (filter, secrets) => `${BASE}/export/har?${search({ filter, secrets })}`;
