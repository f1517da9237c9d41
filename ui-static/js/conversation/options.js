// How a conversation is held: subprotocols, limits, and what is done when it breaks off.

import { h, icon } from "../dom.js";
import { settingsTable } from "../editor/settings.js";
import { kindOf, optionsOf, setOptions } from "./kind.js";

/** @import { Part } from "../editor/fields.js" */
/** @import { RequestEditor } from "../editor/request.js" */
/** @import { Setting } from "../editor/settings.js" */

/** @type {Setting[]} */
const BOTH = [
  ["handshake_timeout_ms", "Timeout of the handshake, ms", "number", ""],
  ["reconnect_attempts", "Attempts to connect again", "number", "0: none"],
  ["reconnect_interval_ms", "Between two of them, ms", "number", ""],
  ["max_message_bytes", "Largest message, bytes", "number", "0: no limit"],
];
/** @type {Setting[]} */
const SOCKET = [["protocols", "Subprotocols", "list", "one per line, the best first"], ...BOTH, ["compression", "Offer compression", "flag", "permessage-deflate"]];

/** What holds where nothing is said. */
const GENERAL = { handshake_timeout_ms: 30_000, reconnect_attempts: 0, reconnect_interval_ms: 5000, max_message_bytes: 5 << 20, compression: true };

/** @param {RequestEditor} editor @returns {Part} */
export function connectionPart(editor) {
  const { draft } = editor, options = optionsOf(draft), socket = kindOf(draft) === "websocket";
  const table = settingsTable(options, { general: GENERAL, suites: [], rows: socket ? SOCKET : BOTH, onchange: () => {
    setOptions(draft, options);
    editor.changed();
  } });
  return { element: h("div", { class: "scroll body" }, h("p", { class: "note" }, icon("info"), h("span", { class: "grow" }, socket ? "They hold from the next connection on." : "An event stream that ends is asked for again, from its last event on, as often as is said here.")), table) };
}
