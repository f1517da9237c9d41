// The control API, what acts on sessions and lists: recording, deleting, counting, files.

import { ApiError, BASE, call, json, search, token } from "./api.js";

/** @import { Deletion, Facets, Imported, Overview, Preset, Property, Proxy, Rules, Session } from "./api-types.js" */

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
 * @param {{ exchanges: string[] } | { filter: string } | { session: number }} what
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

/**
 * Reads a file into a session of its own. Unlike `fetch`, this tells how far it has come.
 * @param {File} file
 * @param {(sent: number) => void} onprogress bytes so far
 * @param {AbortSignal} signal
 * @returns {Promise<Imported>}
 */
export function importFile(file, onprogress, signal) {
  // A session's name has at most 200 bytes; what is cut in the middle of a character is left out.
  const name = new TextDecoder().decode(new TextEncoder().encode(file.name.replace(/\.har$/i, "") || file.name).subarray(0, 200)).replace(/\ufffd$/, "");
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${BASE}/import?${search({ name })}`);
    request.setRequestHeader("content-type", "application/octet-stream");
    request.setRequestHeader("x-waylay-token", token());
    request.upload.addEventListener("progress", ({ loaded }) => onprogress(loaded));
    request.addEventListener("error", () => fail(new ApiError(0, "The daemon does not answer.", { hint: "waylay status" })));
    request.addEventListener("abort", () => fail(signal.reason));
    request.addEventListener("load", () => {
      const answer = readable(request.responseText);
      if (request.status < 300) done(answer);
      else fail(new ApiError(request.status, answer?.error?.message ?? `The daemon answered ${request.status}.`, answer?.error ?? {}));
    });
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

/** @param {string} text JSON, or something else. */
function readable(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
