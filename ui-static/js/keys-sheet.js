// The sheet that lists the keys.

import { openDialog } from "./dialog.js";
import { h } from "./dom.js";

/** @type {[string, [string, string[]][]][]} */
const SHEET = [
  ["Move", [
    ["Next, previous", ["j", "k"]], ["First, last", ["g g", "G"]], ["Open, back", ["Enter", "Esc"]], ["Tabs", ["[", "]"]], ["Live, sessions, cookies, collections, rules, setup", ["1", "2", "3", "4", "5", "6"]],
    ["Everything else", ["Ctrl K"]], ["Send, in the editor", ["Ctrl Enter"]], ["Move a row there", ["Alt ↑", "Alt ↓"]], ["Rename, in the tree", ["F2"]], ["Console", ["`"]], ["This sheet", ["?"]],
  ]],
  ["Act on the exchange", [
    ["Resend", ["r"]], ["Open as request", ["e"]], ["Copy as curl", ["c"]], ["Copy as", ["y"]], ["Save to a collection", ["s"]], ["Compare two that are ticked", ["d"]], ["Put its cookies into the jar", ["b"]], ["Stop intercepting its host", ["i"]], ["Delete", ["Del"]],
    ["Unfold, fold JSON", ["→", "←"]], ["Whole value", ["Enter"]], ["Messages: move, open", ["↑ ↓", "Enter"]],
  ]],
  ["Filter and view", [
    ["Filter", ["/"]], ["Filter off, on", ["\\"]], ["Earlier filters", ["↑", "↓"]], ["Add a cell's value", ["Alt click"]], ["Exclude it", ["Alt Shift click"]],
    ["Select, extend", ["x", "X"]], ["Pause, resume", ["Space"]], ["Layout", ["v"]], ["Waterfall", ["w"]],
  ]],
];

export function showKeys() {
  const chord = (/** @type {string} */ keys) => keys.split(" ").flatMap((key) => [h("kbd", null, key), " "]);
  openDialog({ title: "Keyboard", lead: "Single letters work when no text field has the focus.", class: "wide" },
    h("div", { class: "keys" }, ...SHEET.map(([title, lines]) => h("div", null, h("h2", null, title),
      h("dl", null, ...lines.flatMap(([what, keys]) => [h("dt", null, what), h("dd", null, ...keys.flatMap(chord))]))))));
}
