// Keys that work wherever no text field has the focus, and the sheet that lists them.

import { button, h } from "./dom.js";

/** @typedef {Record<string, () => unknown>} Bindings By `event.key`; `g g` is written `gg`. `false` leaves the key to the browser. */

/**
 * @param {Bindings} bindings
 */
export function bindKeys(bindings) {
  let pending = 0;
  addEventListener("keydown", (event) => {
    const twice = event.timeStamp - pending < 800;
    pending = 0;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || occupied(event.target)) return;
    if (event.key === "g" && !twice) return void (pending = event.timeStamp);
    const action = bindings[event.key === "g" ? "gg" : event.key];
    if (action && action() !== false) event.preventDefault();
  });
}

/** @param {EventTarget | null} target Whether it takes letters for itself. */
function occupied(target) {
  if (document.querySelector("dialog[open]")) return true;
  return target instanceof HTMLElement && target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");
}

/** @type {[string, [string, string[]][]][]} */
const SHEET = [
  ["Move", [
    ["Next, previous", ["j", "k"]], ["First, last", ["g g", "G"]], ["Open, back", ["Enter", "Esc"]], ["Tabs", ["[", "]"]], ["Live, rules", ["1", "5"]], ["This sheet", ["?"]],
  ]],
  ["Act on the exchange", [
    ["Resend", ["r"]], ["Edit and resend", ["e"]], ["Copy as curl", ["c"]], ["Stop intercepting its host", ["i"]], ["Send, in the editor", ["Ctrl Enter"]], ["Move a header, in the editor", ["Alt ↑", "Alt ↓"]],
  ]],
  ["Filter and body", [
    ["Filter", ["/"]], ["Use it, leave the field", ["Enter"]], ["Unfold, fold JSON", ["→", "←"]], ["Whole value", ["Enter"]], ["Messages: move, open, back", ["↑ ↓", "Enter", "Esc"]],
  ]],
];

/** Shows the sheet of keys. */
export function showKeys() {
  const close = () => dialog.close();
  const chord = (/** @type {string} */ keys) => keys.split(" ").flatMap((key) => [h("kbd", null, key), " "]);
  const dialog = h("dialog", { class: "dlg", "aria-labelledby": "keys-title" },
    h("header", null,
      h("div", { class: "bar" }, h("h1", { id: "keys-title" }, "Keyboard"), h("span", { class: "grow" }), button({ icon: "x", label: "Close", class: "tiny", onclick: close })),
      h("p", { class: "dim" }, "Single letters work when no text field has the focus.")),
    h("div", { class: "in keys" }, ...SHEET.map(([title, lines]) => h("div", null, h("h2", null, title),
      h("dl", null, ...lines.flatMap(([what, keys]) => [h("dt", null, what), h("dd", null, ...keys.flatMap(chord))]))))));
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && close());
  document.body.append(dialog);
  dialog.showModal();
}
