// What else can be done with a session of the list.

import { h, icon } from "../dom.js";
import { openPopover } from "../popover.js";
import { go } from "../route.js";
import { change, editNote } from "./actions.js";
import { askName } from "./ask.js";
import { exportSession, replaySession, saveSession } from "./page.js";
import { removeSession } from "./remove.js";

/** @import { Session } from "../api-types.js" */

/**
 * @param {Element} anchor
 * @param {Session} session
 */
export function openMenuAt(anchor, session) {
  const { id, name, exchanges } = session;
  const line = (/** @type {string} */ shape, /** @type {string} */ word, /** @type {() => unknown} */ act, look = "") => h("button", { type: "button", class: `item ${look}`, role: "menuitem", onclick: () => {
    close();
    void act();
  } }, icon(shape), word);
  const close = openPopover(h("div", { class: "menu", role: "menu", "aria-label": "Session" },
    line("live", "Overview", () => go({ screen: "session", session: id, tab: "overview" })),
    line("edit", "Rename", async () => {
      const text = await askName("Rename this session", name);
      if (text) await change(id, { name: text });
    }),
    line("note", "Note", () => editNote(session)),
    line("bookmark", "Save to a collection", () => saveSession(session)),
    line("resend", "Replay", () => replaySession(session)),
    line("export", "Export HAR", () => exportSession(id, name, exchanges)),
    line("trash", "Delete", () => removeSession(session), "danger")), anchor);
}
