// What differs between two JSON documents, by path. The order of names does not count.

import { step } from "../detail/json-path.js";
import { jsonText } from "../detail/json.js";

/** @import { JsonNode } from "../detail/json.js" */

/** @typedef {{ path: string, before: string | null, after: string | null }} Difference `null`: not there */

/** Differences beyond which a list is no help. */
const MOST = 500;

/**
 * @param {JsonNode} before
 * @param {JsonNode} after
 * @returns {{ differences: Difference[], more: boolean }}
 */
export function diffJson(before, after) {
  /** @type {Difference[]} */
  const differences = [];
  const walk = (/** @type {JsonNode | undefined} */ a, /** @type {JsonNode | undefined} */ b, /** @type {string} */ path) => {
    if (differences.length > MOST) return;
    if (a && b && a.kind === b.kind && (a.kind === "object" || a.kind === "array")) {
      const left = members(a), right = members(b);
      for (const key of new Set([...left.keys(), ...right.keys()])) walk(left.get(key), right.get(key), step(path, key));
    } else if (!a || !b || a.kind !== b.kind || jsonText(a) !== jsonText(b)) {
      differences.push({ path, before: a ? jsonText(a) : null, after: b ? jsonText(b) : null });
    }
  };
  walk(before, after, "$");
  return { differences: differences.slice(0, MOST), more: differences.length > MOST };
}

/**
 * @param {JsonNode} node
 * @returns {Map<string | number, JsonNode>} of duplicate names, the last one
 */
function members(node) {
  if (node.kind === "object") return new Map(node.entries);
  return new Map(node.kind === "array" ? node.items.map((item, at) => [at, item]) : []);
}
