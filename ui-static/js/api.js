// The control API, one function per call: what the first screen needs, and how all calls are made. Errors carry the server's own words.

/** @import { Detail, Page, PassedHost, Passthrough, Session, Status } from "./api-types.js" */

export const BASE = "/api/v1";

/** The token that writes need beside the cookie; given at login, kept in memory only. */
let csrf = "";

/** What a write needs in `x-waylay-token`. */
export const token = () => csrf;

/** An answer that is not a success, or no answer at all (`status` 0). */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} message
   * @param {{ code?: string, hint?: string, offset?: number, length?: number, field?: string, json_path?: string }} [more] `field`, `json_path`: of what was sent
   */
  constructor(status, message, more = {}) {
    super(message);
    this.status = status;
    this.code = more.code ?? "";
    this.hint = more.hint ?? "";
    this.offset = more.offset ?? null;
    this.length = more.length ?? null;
    this.field = more.field ?? "";
    this.path = more.json_path ?? "";
  }
}

/**
 * Trades the one-time code of the printed link for a cookie.
 * @param {string} code
 */
export async function login(code) {
  const { token } = await json("/login", { method: "POST", body: JSON.stringify({ code }) });
  csrf = token;
}

/** Asks for the token again, after a reload: the cookie is still there. */
export async function resume() {
  const { token } = await json("/login");
  csrf = token;
}

/** @type {() => Promise<Status>} */
export const status = () => json("/status");

/** @type {() => Promise<{ items: Session[] }>} */
export const sessions = () => json("/sessions");

/**
 * A page of the list, ascending: the newest ones, those older than `before`, or those after `after`.
 * @param {{ filter?: string, before?: number, after?: number, limit?: number, sort?: string, cursor?: string }} query `sort`: in that order instead, from `cursor` on
 * @param {AbortSignal} [signal]
 * @returns {Promise<Page>}
 */
export const exchanges = (query, signal) => json(`/exchanges?${search(query)}`, { signal });

/**
 * @param {string} id
 * @param {AbortSignal} [signal]
 * @returns {Promise<Detail>}
 */
export const exchange = (id, signal) => json(`/exchanges/${encodeURIComponent(id)}`, { signal });

/** @type {() => Promise<Passthrough>} Hosts whose connections are relayed without being read. */
export const passthrough = () => json("/passthrough");

/**
 * From now on, connections to these hosts are not read.
 * @param {string} pattern `host`, `*.host` or `host:port`
 * @returns {Promise<PassedHost>}
 */
export const passThrough = (pattern) => json("/passthrough", { method: "POST", body: JSON.stringify({ pattern }) });

/**
 * Takes a pattern back: connections are read again.
 * @param {string} pattern
 */
export const interceptAgain = (pattern) => call(`${BASE}/passthrough?${search({ pattern })}`, { method: "DELETE" });

/** The live event stream. The caller closes it. */
export const events = () => new EventSource(`${BASE}/events`);

/** @param {Record<string, string | number | undefined>} query What is empty is left out. */
export function search(query) {
  const made = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== "") made.set(name, String(value));
  return made;
}

/**
 * @param {string} path
 * @param {RequestInit} [init]
 */
export async function json(path, init) {
  const response = await call(BASE + path, init);
  return response.json();
}

/**
 * @param {string} url
 * @param {RequestInit} [init]
 */
export async function call(url, init = {}) {
  const headers = new Headers(init.headers);
  if (init.body && !headers.has("content-type")) headers.set("content-type", "application/json");
  if (init.method && csrf) headers.set("x-waylay-token", csrf);
  let response;
  try {
    response = await fetch(url, { ...init, headers, cache: "no-store" });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new ApiError(0, "The daemon does not answer.", { hint: "waylay status" });
  }
  if (response.ok) return response;
  const { error } = await response.json().catch(() => ({ error: {} }));
  throw new ApiError(response.status, error?.message ?? `The daemon answered ${response.status}.`, error ?? {});
}
