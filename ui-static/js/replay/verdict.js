// How a replayed request ended, as shape, word and colour.

import { outcomeMark } from "../table/outcome.js";

/** @import { Verdict } from "./types.js" */

/** @type {Record<string, { color: string, shape: string, word: string }>} */
const MARKS = {
  same: { color: "ok", shape: "s-ok", word: "same" }, changed: { color: "client", shape: "s-client", word: "changed" },
  failed: { color: "failed", shape: "s-failed", word: "failed" }, skipped: { color: "pending", shape: "s-pending", word: "skipped" }, sent: { color: "ok", shape: "s-ok", word: "sent" },
};

/** @param {Verdict} verdict `sent`: it was not compared @param {string} [word] instead of its own */
export const verdictMark = (verdict, word) => outcomeMark({ ...MARKS[verdict], ...(word !== undefined && { word }) });

/** @type {Verdict[]} */
export const VERDICTS = ["same", "changed", "failed", "skipped", "sent"];
