// A small window beside what opened it. Escape and a click elsewhere close it; the focus goes back.

/**
 * @param {HTMLElement} content
 * @param {Element} anchor
 * @param {() => void} [onclose]
 * @returns {() => void} closes it
 */
export function openPopover(content, anchor, onclose) {
  const before = document.activeElement, place = anchor.getBoundingClientRect();
  content.setAttribute("popover", "auto");
  content.classList.add("pop");
  content.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState !== "closed") return;
    const held = content.contains(document.activeElement) || document.activeElement === document.body;
    content.remove();
    onclose?.();
    if (held && before instanceof HTMLElement) before.focus();
  });
  content.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!step) return;
    const stops = [...content.querySelectorAll("input, button")], next = stops[stops.indexOf(/** @type {Element} */ (document.activeElement)) + step];
    event.preventDefault();
    if (next instanceof HTMLElement) next.focus();
  });
  document.body.append(content);
  content.showPopover();
  const { offsetWidth: width, offsetHeight: height } = content, above = place.bottom + height > innerHeight - 8 && place.top > innerHeight / 2;
  content.style.left = `${Math.max(8, Math.min(place.left, innerWidth - width - 8))}px`;
  content.style.top = `${above ? Math.max(8, place.top - height - 2) : place.bottom + 2}px`;
  /** @type {HTMLElement | null} */ (content.querySelector("input, button"))?.focus();
  return () => content.hidePopover();
}
