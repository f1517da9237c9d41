// The control API, WebSockets and event streams that are held from here, and messages that are kept to be sent again.

import { BASE, call, json, search } from "./api.js";
import { withConsent } from "./consent.js";

/** @import { Conversation, ConversationOrder, SavedMessage } from "./conversation/types.js" */

/**
 * @param {string} method
 * @param {object} [body]
 */
const write = (method, body = {}) => ({ method, body: JSON.stringify(body) });

/** @type {() => Promise<{ items: Conversation[] }>} Those that are held, and some that are over. */
export const conversations = () => json("/conversations");

/** @param {ConversationOrder} order @returns {Promise<{ id: number }>} */
export const connect = (order) => withConsent(order, (order) => json("/conversations", write("POST", order)));

/** @param {number} id @returns {Promise<Conversation>} */
export const conversation = (id) => json(`/conversations/${id}`);

/** @param {number} id @param {{ text: string } | { base64: string } | { hex: string }} message */
export const sendMessage = (id, message) => call(`${BASE}/conversations/${id}/messages`, write("POST", message));

/** @param {number} id With a normal closure. */
export const closeConversation = (id) => call(`${BASE}/conversations/${id}/close`, write("POST", { code: 1000 }));

/** @param {string} url @returns {Promise<{ items: SavedMessage[] }>} */
export const savedMessages = (url) => json(`/saved-messages?${search({ url })}`);

/** @param {Omit<SavedMessage, "id">} message @param {number | null} id `null`: a new one @returns {Promise<SavedMessage>} */
export const saveMessage = (message, id) => (id === null ? json("/saved-messages", write("POST", message)) : json(`/saved-messages/${id}`, write("PUT", message)));

/** @param {number} id */
export const removeMessage = (id) => call(`${BASE}/saved-messages/${id}`, { method: "DELETE" });
