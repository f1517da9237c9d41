// The control API: one function per call. Errors carry the server's own words.

/** @import { Detail, MessageDetail, MessagePage, Outgoing, Page, PassedHost, Passthrough, Session, Status } from "./api-types.js" */

const BASE = "/api/v1";

/** The token that writes need beside the cookie; given at login, kept in memory only. */
let csrf = "";

/** An answer that is not a success, or no answer at all (`status` 0). */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} message
   * @param {{ hint?: string, offset?: number, length?: number }} [more]
   */
  constructor(status, message, more = {}) {
    super(message);
    this.status = status;
    this.hint = more.hint ?? "";
    this.offset = more.offset ?? null;
    this.length = more.length ?? null;
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
 * @param {{ filter?: string, before?: number, after?: number, limit?: number }} query
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

/**
 * Where a body can be had, for a link.
 * @param {string} id
 * @param {"request" | "response"} part
 * @param {boolean} decoded without its content coding
 */
export function bodyUrl(id, part, decoded) {
  return `${BASE}/exchanges/${encodeURIComponent(id)}/${part}/body${decoded ? "?decoded=true" : ""}`;
}

/**
 * @typedef {object} MessageQuery
 * @property {number} [after]
 * @property {number} [limit] 1 to 1000
 * @property {string} [sender]
 * @property {string} [text] what the payload holds, in any case
 */

/**
 * Messages of an exchange after a number, ascending.
 * @param {string} id
 * @param {MessageQuery} query
 * @param {AbortSignal} [signal]
 * @returns {Promise<MessagePage>}
 */
export const messages = (id, query, signal) => json(`/exchanges/${encodeURIComponent(id)}/messages?${search(query)}`, { signal });

/**
 * @param {string} id
 * @param {number} number
 * @param {AbortSignal} [signal]
 * @returns {Promise<MessageDetail>}
 */
export const message = (id, number, signal) => json(`/exchanges/${encodeURIComponent(id)}/messages/${number}`, { signal });

/**
 * Where the payload of a message can be had, for a link.
 * @param {string} id
 * @param {number} number
 */
export const payloadUrl = (id, number) => `${BASE}/exchanges/${encodeURIComponent(id)}/messages/${number}/payload`;

/**
 * @param {string} id
 * @param {number} number
 */
export const payload = async (id, number) => new Uint8Array(await (await call(payloadUrl(id, number))).arrayBuffer());

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

/**
 * @typedef {object} BodyBytes
 * @property {Uint8Array<ArrayBuffer>} bytes in UTF-8 if they are text
 * @property {string | null} charset what text was in before it was made UTF-8; `null` for what is not text
 * @property {boolean} truncated there is more than the limit let through
 * @property {string | null} error why it was not decoded, or only in part
 */

/**
 * The first `limit` bytes of a body: as they were transferred, or with the content coding undone and text as UTF-8.
 * @param {string} id
 * @param {"request" | "response"} part
 * @param {{ decoded: boolean, limit: number, signal?: AbortSignal }} how
 * @returns {Promise<BodyBytes>}
 */
export async function body(id, part, { decoded, limit, signal }) {
  const url = bodyUrl(id, part, decoded);
  const response = await call(`${url}${decoded ? "&" : "?"}limit=${limit}`, { signal });
  return {
    bytes: new Uint8Array(await response.arrayBuffer()),
    charset: response.headers.get("x-waylay-charset"),
    truncated: response.headers.get("x-waylay-truncated") === "true",
    error: response.headers.get("x-waylay-decode-error"),
  };
}

/**
 * Sends a request by the proxy's own path; the answer is an exchange like any other.
 * @param {Outgoing} outgoing
 * @returns {Promise<{ id: string, exchange: Detail }>}
 */
export const send = (outgoing) => json("/send", { method: "POST", body: JSON.stringify(outgoing) });

/** The live event stream. The caller closes it. */
export const events = () => new EventSource(`${BASE}/events`);

/** @param {Record<string, string | number | undefined>} query What is empty is left out. */
function search(query) {
  const made = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== "") made.set(name, String(value));
  return made;
}

/**
 * @param {string} path
 * @param {RequestInit} [init]
 */
async function json(path, init) {
  const response = await call(BASE + path, init);
  return response.json();
}

/**
 * @param {string} url
 * @param {RequestInit} [init]
 */
async function call(url, init = {}) {
  const headers = new Headers();
  if (init.body) headers.set("content-type", "application/json");
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
