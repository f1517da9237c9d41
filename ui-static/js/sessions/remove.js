// Deleting a session: asked first where it is pinned or still recording, and there is a way back.

import { openDialog } from "../dialog.js";
import { deleteSession } from "../deleting.js";
import { button, h } from "../dom.js";
import { plural, visible } from "../format.js";
import { go } from "../route.js";
import { end } from "./actions.js";
import { store } from "../state.js";

/** @import { Session } from "../api-types.js" */

/** @param {Session} session */
export function removeSession(session) {
  const open = session.state === "recording" || session.state === "paused", name = visible(session.name);
  if (!session.pinned && !open) return void really(session);
  const cancel = button({ word: "Cancel", class: "line", onclick: () => dialog.close() });
  const dialog = openDialog({
    title: `Delete ${name}?`,
    lead: open ? "It is still recording: that ends. Traffic goes on." : "It is pinned: retention would have kept it.",
    class: "small",
    foot: [h("span", { class: "grow" }), cancel, button({ icon: "trash", word: "Delete", class: "danger", onclick: () => {
      dialog.close();
      void really(session);
    } })],
  }, h("p", null, `${plural(session.exchanges, "exchange")} will be gone. For a few seconds it can be undone.`));
  cancel.focus();
}

/** @param {Session} session */
async function really({ id, name, state }) {
  if ((state === "recording" || state === "paused") && !(await end(id))) return;
  if (await deleteSession(id, visible(name)) && store.state.route.session === id) go({ screen: "sessions" });
}
