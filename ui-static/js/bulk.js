// What can be done with the rows that are ticked, in place of the line under the table.

import { lazy } from "./lazy.js";
import { button, h } from "./dom.js";
import { count, plural } from "./format.js";
import { deleteExchanges } from "./deleting.js";
import { go } from "./route.js";
import { notify, store } from "./state.js";

/** @import { Feed } from "./feed.js" */
/** @import { Checked } from "./table/checked.js" */

/** @typedef {{ what: { exchanges: string[] } | { filter: string }, words: string }} Picked Exchanges, and what they are called. */

/** Bytes of a filter. */
const LONGEST = 4096;

/**
 * @param {Checked} checked
 * @param {Feed} feed
 */
export function bulkBar(checked, feed) {
  const number = h("b"), more = button({ label: "", word: " ", class: "tiny", onclick: () => checked.setMatching() }), notice = h("span", { class: "mid trunc", role: "status" });
  const act = (/** @type {string} */ icon, /** @type {string} */ word, /** @type {string} */ key, /** @type {() => void} */ onclick, look = "") => {
    const made = button({ icon, word, class: look, onclick });
    if (key) made.append(h("kbd", { class: "hide-s" }, key));
    return made;
  };
  const copyAs = act("copy", "Copy as", "y", () => void lazy(() => import("./copy-menu.js")).then((part) => part?.openCopyMenu(copyAs, checked.ids)));
  const compare = act("diff", "Diff", "d", () => compareTwo(checked.ids));
  const element = h("div", { class: "foot act", role: "toolbar", "aria-label": "Selected exchanges" }, number, more, h("span", { class: "sep" }),
    act("bookmark", "Save", "s", () => {
      const { what, words } = picked(checked, feed);
      void lazy(() => import("./collections/save.js")).then((part) => part?.saveCaptured(what, words, { done: () => checked.clear() }));
    }), act("resend", "Replay", "", () => {
      const { what, words } = picked(checked, feed);
      void lazy(() => import("./replay/start.js")).then((part) => part?.askReplay(what, words));
    }), compare,
    act("export", "Export HAR", "", () => exportChecked(checked, feed)), copyAs,
    act("trash", "Delete", "Del", () => void deleteChecked(checked, feed), "danger"),
    notice, h("span", { class: "grow" }), button({ icon: "x", label: "Unselect all", onclick: () => checked.clear() }));
  store.watch(["notice"], (state) => (notice.textContent = state.notice));
  store.watch(["checked", "matched", "atLeast"], ({ matched, atLeast }) => {
    const rest = matched ?? atLeast, whole = checked.size >= feed.columns.length && rest > checked.size;
    number.textContent = `${checked.all && matched === null ? "at least " : ""}${count(checked.size)} selected`;
    more.hidden = !whole || checked.all;
    more.lastChild?.replaceWith(`Select all ${matched === null ? "" : count(rest)} that match`);
    copyAs.hidden = checked.all;
    compare.hidden = checked.all || checked.size !== 2;
  });
  return element;
}

/**
 * What is ticked.
 * @param {Checked} checked
 * @param {Feed} feed
 * @returns {Picked}
 */
export const picked = (checked, feed) => ({ what: checked.all ? { filter: feed.query } : { exchanges: inOrder(checked.ids) }, words: plural(checked.size, "exchange") });

/** Shows how the later of two exchanges differs from the earlier. @param {string[]} ids */
export function compareTwo(ids) {
  const [a, b] = inOrder(ids);
  go({ screen: "exchange", id: b, against: a, tab: "compare" });
}

/** As they were captured. @param {string[]} ids */
const inOrder = (ids) => [...ids].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));

/**
 * @param {Checked} checked
 * @param {Feed} feed
 */
export async function deleteChecked(checked, feed) {
  const what = checked.all ? { filter: feed.query } : { exchanges: checked.ids };
  if (await deleteExchanges(what)) checked.clear();
}

/**
 * @param {Checked} checked
 * @param {Feed} feed
 */
function exportChecked(checked, feed) {
  const filter = checked.all ? feed.query : `id:${checked.ids.join(",")}`;
  // Longer filters are refused.
  if (filter.length > LONGEST) return notify("Too many to export one by one: filter for them, then select all that match");
  void lazy(() => import("./transfer/export.js")).then((part) => part?.showExport({ filter }, plural(checked.size, "exchange")));
}
