// Deleting a session: asked first where it is pinned or still recording, and there is a way back.

import { askSure } from "../dialog.js";
import { deleteSession } from "../deleting.js";
import { plural, visible } from "../format.js";
import { go } from "../route.js";
import { end } from "./actions.js";
import { store } from "../state.js";

/** @import { Session } from "../api-types.js" */

/** @param {Session} session */
export function removeSession(session) {
  const open = session.state === "recording" || session.state === "paused", name = visible(session.name);
  if (!session.pinned && !open) return void really(session);
  askSure(`Delete ${name}?`, "Delete", `${plural(session.exchanges, "exchange")} will be gone. For a few seconds it can be undone.`, () => really(session), open ? "It is still recording: that ends. Traffic goes on." : "It is pinned: retention would have kept it.");
}

/** @param {Session} session */
async function really({ id, name, state }) {
  if ((state === "recording" || state === "paused") && !(await end(id))) return;
  if (await deleteSession(id, visible(name)) && store.state.route.session === id) go({ screen: "sessions" });
}
