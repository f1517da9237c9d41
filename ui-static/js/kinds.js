// What the kinds of exchanges have in common, and how a person would call them.

/** @import { Kind } from "./api-types.js" */

/** @type {Record<Kind, string>} */
export const KIND_WORDS = {
  http: "request and response",
  websocket: "WebSocket",
  sse: "event stream",
  grpc: "gRPC call",
  tunnel: "tunnel, its bytes not read",
  tls_failure: "TLS handshake that failed",
  pinned: "TLS connection closed by the client before any request",
  connect_failure: "tunnel that could not be opened",
};

/** Nothing was read of these: they have neither request nor response. @param {Kind} kind */
export const isBare = (kind) => kind === "tunnel" || kind === "tls_failure" || kind === "pinned" || kind === "connect_failure";

/** Both sides, or one, send messages one behind the other. @param {Kind} kind */
export const hasMessages = (kind) => kind === "websocket" || kind === "sse" || kind === "grpc";
