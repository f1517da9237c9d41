// Whether a request is one, or begins a conversation, and how that is held.

/** @import { Draft } from "../api-types.js" */
/** @import { ConversationOrder } from "./types.js" */

/** @typedef {"request" | "websocket" | "sse"} Kind */
/** @typedef {{ kind?: "sse" | "websocket", protocols?: string[] } & Record<string, unknown>} Options what a draft says of the conversation it begins; settings by the names of the API */

/** @param {{ extra?: object }} draft @returns {Options} */
export const optionsOf = ({ extra }) => ({ .../** @type {{ conversation?: Options }} */ (extra ?? {}).conversation });

/** Whether a URL leaves no other choice. @param {string} url */
export const isSocket = (url) => /^\s*wss?:/i.test(url);

/** @param {{ url: string, extra?: object }} draft @returns {Kind} */
export const kindOf = (draft) => (isSocket(draft.url) ? "websocket" : (optionsOf(draft).kind ?? "request"));

/** @param {{ extra: object }} draft @param {Options} options */
export function setOptions({ extra }, options) {
  const held = /** @type {{ conversation?: Options }} */ (extra);
  if (Object.values(options).some((value) => value !== undefined)) held.conversation = options;
  else delete held.conversation;
}

/**
 * What is asked for to begin it.
 * @param {Draft} request
 * @param {number} [item] that it is saved as
 * @returns {ConversationOrder}
 */
export function orderOf(request, item) {
  const { kind: _, protocols, ...settings } = optionsOf(request), kind = kindOf(request) === "websocket" ? "websocket" : "sse";
  return { kind, request, ...(item !== undefined && { item }), ...(protocols?.length && kind === "websocket" && { protocols }), settings };
}
