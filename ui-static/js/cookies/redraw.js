// Lists that change under the reader's hands.

/**
 * Draws a list anew; the line that had the focus, or what in it had it, has it again.
 * @param {HTMLElement} list
 * @param {(Node | string)[]} lines with a `data-id` each
 */
export function redraw(list, lines) {
  const active = document.activeElement, before = list.contains(active) ? active?.closest("[data-id]") : null, at = before ? [...before.querySelectorAll("a, button")].findIndex((one) => one === active) : -1;
  list.replaceChildren(...lines);
  const line = before && [...list.children].find((one) => one.getAttribute("data-id") === before.getAttribute("data-id")), held = line?.querySelectorAll("a, button")[at] ?? line;
  if (held instanceof HTMLElement) held.focus({ preventScroll: true });
}
