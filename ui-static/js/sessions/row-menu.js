// What else can be done with a session of the list.

import { openMenu } from "../popover.js";
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
  openMenu(anchor, "Session", [
    ["live", "Overview", () => go({ screen: "session", session: id, tab: "overview" })],
    ["edit", "Rename", async () => {
      const text = await askName("Rename this session", name);
      if (text) await change(id, { name: text });
    }],
    ["note", "Note", () => editNote(session)],
    ["bookmark", "Save to a collection", () => saveSession(session)],
    ["resend", "Replay", () => replaySession(session)],
    ["export", "Export HAR", () => exportSession(id, name, exchanges)],
    ["trash", "Delete", () => removeSession(session), "danger"],
  ]);
}
