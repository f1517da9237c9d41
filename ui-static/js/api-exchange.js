// The control API, what one exchange is made of: bodies, messages.

import { BASE, call, json, search } from "./api.js";

/** @import { MessageDetail, MessagePage } from "./api-types.js" */

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

/**
 * A request as a command of curl, and what that does otherwise than Waylay.
 * @param {string} id
 * @returns {Promise<{ command: string, notes: string[] }>}
 */
export const curlCommand = (id) => json(`/exchanges/${encodeURIComponent(id)}/curl?secrets=keep`);

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
