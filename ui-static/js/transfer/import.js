// Import: asks, shows how far it has come, then what came in and what did not.

import { ApiError } from "../api.js";
import { importFile } from "../api-control.js";
import { openDialog } from "../dialog.js";
import { button, h, icon, s } from "../dom.js";
import { bytes, count, plural, visible } from "../format.js";
import { go } from "../route.js";
import { keep } from "../sessions/actions.js";

/** @import { Imported } from "../api-types.js" */

/** Refused entries that are listed. */
const MOST = 100;

/** @param {File} file */
export function showImport(file) {
  const asking = new AbortController(), inside = h("div", { class: "importing" }), foot = h("div", { class: "bar grow" });
  const dialog = openDialog({ title: `Import ${visible(file.name)}`, lead: `${bytes(file.size)}, into a session of its own. Nothing is sent, and no script in the file is run.`, class: "medium", foot: [foot] }, inside);
  dialog.addEventListener("close", () => asking.abort());
  const buttons = (/** @type {HTMLElement[]} */ ...made) => foot.replaceChildren(h("span", { class: "grow" }), ...made);
  const close = (/** @type {string} */ word) => button({ label: word, word, class: "line", onclick: () => dialog.close() });
  const begin = button({ label: "Import", word: "Import", class: "primary", onclick: () => void run() });
  buttons(close("Cancel"), begin);
  begin.focus();

  const run = async () => {
    const done = s("rect", { class: "b-ok", width: "0%", height: "100%", rx: 1 }), words = h("span", { role: "status" });
    const track = s("svg", { class: "progress", "aria-hidden": "true" }, s("rect", { class: "b-track", width: "100%", height: "100%", rx: 1 }), done);
    inside.replaceChildren(track, words);
    buttons(close("Cancel"));
    const progress = (/** @type {number} */ sent) => {
      const share = file.size ? Math.min(100, (100 * sent) / file.size) : 100;
      done.setAttribute("width", `${share}%`);
      words.textContent = share < 100 ? `${bytes(sent)} of ${bytes(file.size)}` : "Reading the entries";
    };
    progress(0);
    try {
      const found = await importFile(file, progress, asking.signal), { session } = found;
      if (session) keep(session);
      inside.replaceChildren(...summary(found));
      const open = button({ label: "Open the session", word: "Open the session", class: "primary", onclick: () => {
        dialog.close();
        if (session) go({ screen: "session", session: session.id, id: "", tab: "" });
      } });
      if (session && found.refused.length === 0 && found.notes.length === 0) return open.click();
      buttons(close("Close"), ...(session ? [open] : []));
      open.focus();
    } catch (error) {
      if (asking.signal.aborted) return;
      const said = error instanceof ApiError ? [error.message, error.hint].filter(Boolean).join(": ") : "The file could not be read.";
      inside.replaceChildren(h("p", { class: "ferr", role: "alert" }, icon("s-failed", "i12"), h("span", null, `Nothing was imported. ${visible(said)}`)));
      buttons(close("Close"));
    }
  };
}

/** @param {Imported} found */
function summary({ exchanges, refused, notes }) {
  const line = (/** @type {string} */ color, /** @type {string} */ shape, /** @type {string} */ word, /** @type {number} */ n, /** @type {string} */ what) =>
    h("tr", null, h("td", null, h("span", { class: `st ${color}` }, icon(shape, "i12"), word)), h("td", { class: "num" }, count(n)), h("td", null, what));
  return [
    h("table", { class: "tbl found" }, h("thead", null, h("tr", null, h("th", { scope: "col" }, "Found in the file"), h("th", { scope: "col", class: "num" }, "Count"), h("th", { scope: "col" }, "What happened"))),
      h("tbody", null, line("ok", "s-ok", "imported", exchanges, "in a session of its own"), refused.length > 0 && line("failed", "s-failed", "refused", refused.length, "left out, for the reasons below"))),
    refused.length > 0 && h("div", { class: "scroll refused", tabindex: 0, "aria-label": "Refused entries" },
      h("ul", null, ...refused.slice(0, MOST).map(({ index, reason }) => h("li", null, h("span", { class: "mono dim" }, `entry ${count(index)}`), " ", visible(reason)))),
      refused.length > MOST && h("p", { class: "dim" }, `and ${plural(refused.length - MOST, "more", "more")}`)),
    notes.length > 0 && h("ul", { class: "notes" }, ...notes.map((note) => h("li", null, visible(note)))),
  ].filter((part) => part !== false);
}
