// The filter term that the value of a cell stands for.

import { quoted } from "../filter/terms.js";
import { FAILED, KINDS, PASSED } from "./columns.js";

/** @import { Columns } from "./columns.js" */

/** Words of the column Type that are not part of the media type. @type {Record<string, string>} */
const TYPES = { js: "type:javascript", text: "type:text/plain", binary: "type:octet-stream", form: "type:x-www-form-urlencoded", sse: "is:sse", ws: "is:ws", grpc: "is:grpc" };

/**
 * @param {string} cell class of the cell
 * @param {Columns} columns
 * @param {number} slot
 * @returns {string} empty if there is none
 */
export function cellTerm(cell, { texts, numbers, status, flags, kind }, slot) {
  const failed = (flags[slot] & FAILED) !== 0, passed = (flags[slot] & PASSED) !== 0, text = (/** @type {string} */ key, /** @type {string} */ value) => (value ? `${key}:${quoted(value)}` : "");
  switch (cell) {
    case "c-method": return text("method", texts.method[slot]);
    case "c-st": return failed ? "is:failed" : status[slot] ? `status:${status[slot]}` : passed ? "is:passthrough" : KINDS[kind[slot]] === "tunnel" ? "is:tunnel" : "is:pending";
    case "c-host": return text("host", texts.host[slot].replace(/:\d+$/, "").replace(/^\[|\]$/g, ""));
    case "c-path": return text("path", texts.path[slot].split("?")[0]);
    case "c-type": return TYPES[texts.type[slot]] ?? text("type", texts.type[slot]);
    case "c-size": return `size>=${numbers.responseSize[slot]}`;
    case "c-dur": return Number.isNaN(numbers.end[slot]) ? "" : `dur>=${Math.round(numbers.end[slot] / 1000)}`;
    case "why": return failed ? text("reason", texts.reason[slot]) : passed ? "is:passthrough" : "";
    default: return "";
  }
}
