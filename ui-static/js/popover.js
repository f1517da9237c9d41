// A small window beside what opened it. Escape and a click elsewhere close it; the focus goes back.

import { h, icon } from "./dom.js";

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

/**
 * A menu. What is chosen is done when it has closed.
 * @param {Element} anchor
 * @param {string} label
 * @param {([shape: string, word: string, act: () => unknown, look?: string, key?: string] | false | "" | null | undefined)[]} items `look`: more classes of the line
 */
export function openMenu(anchor, label, items) {
  const lines = items.flatMap((item) => {
    if (!item) return [];
    const [shape, word, act, look = "", key = ""] = item;
    return [h("button", { type: "button", class: `item ${look}`, role: "menuitem", onclick: () => {
      close();
      void act();
    } }, shape && icon(shape), h("span", { class: "trunc" }, word), key && h("kbd", { class: "r" }, key))];
  });
  const close = openPopover(h("div", { class: "menu", role: "menu", "aria-label": label }, ...lines), anchor);
}
