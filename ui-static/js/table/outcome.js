// How an exchange went, as shape, word and colour: any one of them alone is enough to tell.

import { h, icon } from "../dom.js";
import { isServerFault } from "../grpc.js";

/** @import { Kind, Summary } from "../api-types.js" */

/** @typedef {{ color: string, shape: string, word: string }} Outcome `color` is a class of the style sheet */

/**
 * @param {{ kind: Kind, status: number, grpc?: number, passed?: boolean, done: boolean, failed: boolean }} of `status`
 *   is 0 while there is none, and `grpc` as well; `passed`: a tunnel let through on purpose
 * @returns {Outcome}
 */
export function outcome({ kind, status, grpc = 0, passed = false, done, failed }) {
  if (kind === "pinned") return { color: "client", shape: "s-pinned", word: "pinned" };
  if (failed) return { color: "failed", shape: "s-failed", word: "failed" };
  if (kind === "tunnel") return { color: "pass", shape: "s-pass", word: passed ? "passed" : "tunnel" };
  if (grpc > 0) return { color: isServerFault(grpc) ? "server" : "client", shape: isServerFault(grpc) ? "s-server" : "s-client", word: `grpc ${grpc}` };
  const word = status ? String(status) : done ? "no answer" : "pending";
  if (kind === "websocket" && status === 101) return { color: "ws", shape: "s-ws", word };
  if (!status) return done ? { color: "failed", shape: "s-failed", word } : { color: "pending", shape: "s-pending", word };
  if (!done) return { color: "stream", shape: "s-stream", word };
  const color = status < 300 ? "ok" : status < 400 ? "redirect" : status < 500 ? "client" : "server";
  return { color, shape: `s-${color}`, word };
}

/**
 * The same for an exchange as the API gives it.
 * @param {Summary} summary
 */
export function outcomeOf({ kind, status, grpc_status: grpc, passthrough, done, failure }) {
  return outcome({ kind, status: status ?? 0, grpc: grpc ?? 0, passed: Boolean(passthrough), done, failed: failure !== null });
}

/**
 * @param {Outcome} outcome
 * @param {string} [more] said after the word
 */
export function outcomeMark({ color, shape, word }, more = "") {
  return h("span", { class: `st ${color}` }, icon(shape, "i12"), word + more);
}
