// The forms in which exchanges can be copied.

import { copy } from "./copy.js";
import { copyAsCurl, curlOf } from "./editor/actions.js";
import { exchange } from "./api.js";
import { plural } from "./format.js";
import { openMenu } from "./popover.js";

/** Exchanges whose requests are fetched one by one. */
const MOST = 100;

/**
 * @param {Element} anchor
 * @param {string[]} ids
 */
export function openCopyMenu(anchor, ids) {
  const some = ids.slice(0, MOST), what = ids.length === 1 ? "" : ` of ${plural(some.length, "exchange")}${ids.length > MOST ? ", the first ones" : ""}`;
  openMenu(anchor, "Copy as", [
    ["", "curl", () => (ids.length === 1 ? copyAsCurl(ids[0]) : copy(all(some, curlOf), `curl commands${what}`))],
    ["", "URL", () => copy(all(some, async (id) => (await exchange(id)).url), `the URL${what}`)],
    ["", "ID", () => copy(ids.join("\n"), `the ID${what}`)],
    ["", "JSON", () => copy(all(some, async (id) => JSON.stringify(await exchange(id), null, 2)), `JSON${what}`)],
  ]);
}

/**
 * @param {string[]} ids
 * @param {(id: string) => Promise<string>} text
 */
async function all(ids, text) {
  const made = [];
  for (const id of ids) made.push(await text(id));
  return made.filter(Boolean).join("\n");
}
