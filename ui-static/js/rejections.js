// Clients that refuse Waylay's certificate: which hosts they wanted, and how often they turned away.

import { isPassed, patternOf } from "./passthrough.js";
import { store } from "./state.js";

/** @import { Summary } from "./api-types.js" */

/** Microseconds: what is older when the page is opened is not news. */
const NEWS = 600e6;
/** Hosts that are remembered. */
const MOST = 200;

/** @typedef {{ pattern: string, count: number }} Rejected */

/** @type {Map<string, Set<string>>} Ids of exchanges by host. */
const seen = new Map();
/** @type {Set<string>} Exchanges the reader has put away. */
const away = new Set();

/** Counts those among new and changed rows. @param {Summary[]} items */
export function countRejections(items) {
  const before = seen.size ? total() : 0;
  for (const item of items) {
    if (!isRejection(item) || item.started_us < Date.now() * 1000 - NEWS) continue;
    const pattern = patternOf(item), ids = seen.get(pattern) ?? new Set();
    if (ids.size === 0 && seen.size >= MOST) continue;
    seen.set(pattern, ids.add(item.id));
  }
  if (total() !== before) show();
}

/** @param {Summary} summary */
const isRejection = ({ kind, failure }) =>
  kind === "pinned" || (kind === "tls_failure" && failure?.reason === "client rejected certificate");

/** Puts away what was told so far; the next rejection is told again. */
export function dismissRejections() {
  for (const ids of seen.values()) for (const id of ids) away.add(id);
  show();
}

const total = () => [...seen.values()].reduce((sum, ids) => sum + ids.size, 0);

function show() {
  const hosts = [...seen].map(([pattern, ids]) => ({ pattern, count: [...ids].filter((id) => !away.has(id)).length }));
  store.set({ rejected: hosts.filter(({ pattern, count }) => count > 0 && !isPassed(pattern)).sort((a, b) => b.count - a.count) });
}

store.watch(["passthrough"], () => seen.size > 0 && show());
