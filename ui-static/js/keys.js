// Keys that work wherever no text field has the focus.

/** @typedef {Record<string, () => unknown>} Bindings By `event.key`; `g g` is written `gg`. `false` leaves the key to the browser. */

/**
 * @param {Bindings} bindings
 * @param {() => void} onpalette Ctrl+K, from anywhere
 */
export function bindKeys(bindings, onpalette) {
  let pending = 0;
  addEventListener("keydown", (event) => {
    const twice = event.timeStamp - pending < 800;
    pending = 0;
    if (event.key === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      return onpalette();
    }
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || occupied(event)) return;
    if (event.key === "g" && !twice) return void (pending = event.timeStamp);
    const action = bindings[event.key === "g" ? "gg" : event.key];
    if (action && action() !== false) event.preventDefault();
  });
}

/** @param {KeyboardEvent} event Whether what has the focus takes the key for itself. */
function occupied({ target, key }) {
  if (document.querySelector("dialog[open], .pop")) return true;
  if (!(target instanceof HTMLElement)) return false;
  if (key === " " && target.matches("button, a, summary, input, [role=treeitem]")) return true;
  return target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]");
}
