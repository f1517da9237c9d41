// The shapes of the control API, conversations, for the type checker. Nothing here runs, and no page loads it.

/** @import { Draft, SendError } from "../api-types.js" */

/**
 * @typedef {object} Conversation A WebSocket or an event stream that is held from here.
 * @property {number} id
 * @property {"websocket" | "sse"} kind
 * @property {string} url
 * @property {"connecting" | "open" | "closing" | "closed" | "failed" | "waiting"} state
 * @property {string | null} exchange that its messages are kept in
 * @property {string | null} protocol that was agreed on
 * @property {string | null} extensions
 * @property {number} attempt
 * @property {{ code: number | null, reason: string, by: "client" | "origin" } | null} close
 * @property {SendError | null} error
 */
/** @typedef {{ kind: "websocket" | "sse", request: Draft, again?: number, as_mine?: boolean, item?: number, protocols?: string[], settings?: Record<string, unknown> }} ConversationOrder */
/** @typedef {"text" | "json" | "xml" | "html" | "base64" | "hex"} Format */
/** @typedef {{ id: number, name: string, url: string, format: Format, content: string }} SavedMessage */

export {};
