// A text that is edited where it stands: Enter keeps the change, Escape and leaving it do not.

import { h } from "./dom.js";

/**
 * @param {HTMLElement} shown hidden meanwhile
 * @param {string} text
 * @param {string} label
 * @param {(text: string) => void} onchange
 */
export function openEdit(shown, text, label, onchange) {
  const field = h("input", { class: "field inline", type: "text", value: text, "aria-label": label, maxlength: 200, spellcheck: "false" });
  let open = true;
  const close = (/** @type {boolean} */ focus) => {
    if (!open) return;
    open = false;
    field.remove();
    shown.hidden = false;
    if (focus) shown.focus();
  };
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    const now = field.value.trim();
    close(true);
    if (event.key === "Enter" && now !== text) onchange(now);
  });
  field.addEventListener("blur", () => close(false));
  shown.hidden = true;
  shown.after(field);
  field.focus();
  field.select();
}
