// The control API, import: what a file holds is told first, and kept for a while; then it is taken in, or not.

import { ApiError, BASE, call, json, search, token } from "./api.js";

/** @import { Choice, Committed, Found } from "./transfer/types.js" */

/**
 * Reads what is to be imported. Unlike `fetch`, this tells how far it has come.
 * @param {Blob} file
 * @param {string} name
 * @param {(sent: number) => void} onprogress bytes so far
 * @param {AbortSignal} signal
 * @returns {Promise<Found>}
 */
export function checkImport(file, name, onprogress, signal) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${BASE}/import/check?${search({ name: cut(name) })}`);
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

/** Fetches what is to be imported: the one call that lets the daemon do so. @param {string} url @param {AbortSignal} signal @returns {Promise<Found>} */
export const checkUrl = (url, signal) => json("/import/check", { method: "POST", body: JSON.stringify({ url }), signal });

/**
 * @param {string} id
 * @param {Choice} how
 * @returns {Promise<Committed>}
 */
export const takeImport = (id, how) => json(`/imports/${encodeURIComponent(id)}`, { method: "POST", body: JSON.stringify(how) });

/** Nothing is taken in. @param {string} id */
export const dropImport = (id) => call(`${BASE}/imports/${encodeURIComponent(id)}`, { method: "DELETE" });

/** A name has at most 200 bytes; what is cut in the middle of a character is left out. @param {string} name */
const cut = (name) => new TextDecoder().decode(new TextEncoder().encode(name).subarray(0, 200)).replace(/\ufffd$/, "");

/** @param {string} text JSON, or something else. */
function readable(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
