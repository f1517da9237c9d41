// What is said of a message beside its payload.

import { bytes, duration, plural } from "../format.js";

/** @import { MessageFacts, MessageKind, Sender } from "../api-types.js" */

/** @type {Record<MessageKind, string>} */
const KINDS = { text: "text", binary: "binary", ping: "ping", pong: "pong", close: "close", event: "event", grpc: "message", grpc_trailers: "trailers" };

/** @type {Record<Sender, string>} */
export const SENDERS = { client: "from the client", origin: "from the origin" };

/**
 * The kind of a message; an event goes by its name.
 * @param {MessageFacts} message
 */
export const kindWord = ({ kind, event }) => (kind === "event" && event ? event : KINDS[kind] ?? kind);

/**
 * When a message came: `236 ms`, `12.3 s`, then `1:29.9` and `1:02:03` after the exchange began.
 * @param {number} us
 */
export function when(us) {
  const tenths = Math.floor(us / 1e5), two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  if (tenths < 600) return duration(us);
  const seconds = Math.floor(tenths / 10) % 60, minutes = Math.floor(tenths / 600) % 60, hours = Math.floor(tenths / 36_000);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}.${tenths % 10}`;
}

/** @typedef {{ word: string, look: string, title: string, short?: string }} Badge `short` stands for the word where it is one of many */

/**
 * What is special about a message, the gravest first.
 * @param {MessageFacts} message
 * @returns {Badge[]}
 */
export function badges({ state, compressed, missing, length, wire_length: wire }) {
  /** @type {Badge[]} */
  const made = [];
  if (missing > 0) made.push({ word: "not kept", look: "warn", title: `${bytes(missing)} of ${bytes(length)} passed through but were not kept` });
  if (state === "cut") made.push({ word: "cut", look: "err", title: "The connection ended in the middle of it" });
  if (state === "undecoded") made.push({ word: "undecoded", look: "warn", title: "Its compression could not be undone: these are the bytes as they were transferred" });
  else if (compressed) made.push({ word: "compressed", short: "zip", look: "", title: wire < length ? `${bytes(wire)} on the wire` : "Compressed on the wire" });
  return made;
}

/** By code, as RFC 6455, 7.4.1 and its registry have them. */
const CLOSINGS = /** @type {Record<number, string>} */ ({
  1000: "normal closure", 1001: "going away", 1002: "protocol error", 1003: "unsupported data", 1005: "no status", 1006: "abnormal closure", 1007: "invalid payload", 1008: "policy violation",
  1009: "message too big", 1010: "extension missing", 1011: "internal error", 1012: "service restart", 1013: "try again later", 1014: "bad gateway", 1015: "TLS handshake",
});

/**
 * `1000 normal closure`
 * @param {number | null} code
 */
export function closing(code) {
  if (code === null) return "without a status code";
  const name = CLOSINGS[code] ?? (code >= 4000 && code < 5000 ? "the application's own code" : code >= 3000 && code < 4000 ? "a registered code" : "not a code that may be sent");
  return `${code} ${name}`;
}

/**
 * Size, and how it was transferred if that was otherwise: `4.1 KB, 1.2 KB on the wire, in 3 frames`.
 * @param {MessageFacts} message
 */
export function sizeWords({ length, wire_length: wire, compressed, fragments }) {
  return [bytes(length), compressed && wire !== length && `${bytes(wire)} on the wire`, fragments > 1 && `in ${plural(fragments, "frame")}`].filter(Boolean).join(", ");
}
