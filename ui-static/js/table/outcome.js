// How an exchange went, as shape, word and colour: any one of them alone is enough to tell.

import { h, icon } from "../dom.js";

/** @import { Kind, Summary } from "../api-types.js" */

/** @typedef {{ color: string, shape: string, word: string }} Outcome `color` is a class of the style sheet */

/**
 * @param {{ kind: Kind, status: number, done: boolean, failed: boolean }} of `status` is 0 while there is none
 * @returns {Outcome}
 */
export function outcome({ kind, status, done, failed }) {
  if (failed) return { color: "failed", shape: "s-failed", word: "failed" };
  if (kind === "tunnel") return { color: "pass", shape: "s-pass", word: "tunnel" };
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
export function outcomeOf({ kind, status, done, failure }) {
  return outcome({ kind, status: status ?? 0, done, failed: failure !== null });
}

/**
 * @param {Outcome} outcome
 * @param {string} [more] said after the word
 */
export function outcomeMark({ color, shape, word }, more = "") {
  return h("span", { class: `st ${color}` }, icon(shape, "i12"), word + more);
}
