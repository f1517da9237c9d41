// A line of the tree is dragged: a mark shows where it would land.

import { landing } from "./lines.js";

/** @import { Line, Place, Side } from "./lines.js" */

/** Pixels before a press is a drag. */
const SLACK = 5;

/**
 * @param {PointerEvent} start
 * @param {Line} moved
 * @param {HTMLElement} list
 * @param {() => Line[]} lines
 * @param {(place: Place) => void} onmove
 */
export function dragLine(start, moved, list, lines, onmove) {
  let dragging = false;
  /** @type {Place | null} */
  let place = null;
  const clear = () => {
    for (const one of list.querySelectorAll("[data-drop]")) one.removeAttribute("data-drop");
  };
  const over = (/** @type {PointerEvent} */ event) => {
    if (!dragging && Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) < SLACK) return;
    dragging = true;
    list.classList.add("dragging");
    clear();
    place = null;
    const element = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-at]"), at = lines().find(({ key }) => key === element?.getAttribute("data-at"));
    if (!element || !at) return;
    const side = sideOf(event.clientY, element.getBoundingClientRect(), at);
    place = landing(moved, at, side, lines());
    if (place) element.setAttribute("data-drop", side);
  };
  const ended = (/** @type {Event} */ event) => {
    removeEventListener("pointermove", over);
    removeEventListener("pointerup", ended);
    removeEventListener("pointercancel", ended);
    removeEventListener("keydown", escape, true);
    list.classList.remove("dragging");
    clear();
    if (!dragging) return;
    // The press that ends a drag opens nothing.
    addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", swallow, { capture: true }));
    if (event.type === "pointerup" && place) onmove(place);
  };
  const escape = (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && ended(event);
  addEventListener("pointermove", over);
  addEventListener("pointerup", ended);
  addEventListener("pointercancel", ended);
  addEventListener("keydown", escape, true);
}

/** @param {Event} event */
function swallow(event) {
  event.preventDefault();
  event.stopPropagation();
}

/** @param {number} y @param {DOMRect} box @param {Line} at @returns {Side} */
function sideOf(y, { top, height }, { kind, open }) {
  const part = (y - top) / height;
  if (kind === "collection") return part > 0.75 && open ? "after" : "into";
  if (kind === "folder") return part < 0.25 ? "before" : part > 0.75 && !open ? "after" : "into";
  return part < 0.5 ? "before" : "after";
}
