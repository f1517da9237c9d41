// Asks for a line of text.

import { openDialog } from "../dialog.js";
import { h } from "../dom.js";

/**
 * @param {string} title
 * @param {string} text what stands there first
 * @param {{ label?: string, optional?: boolean, act?: string }} [of] `act`: the word of its button
 * @returns {Promise<string | null>} `null` if it was not answered
 */
export function askName(title, text, { label = "Name", optional = false, act = "Save" } = {}) {
  return new Promise((answer) => {
    const field = h("input", { class: "field", type: "text", id: "asked", value: text, maxlength: optional ? 2000 : 200, required: !optional });
    const form = h("form", { class: "form", id: "ask", method: "dialog" }, h("label", { for: "asked" }, label), field);
    /** @type {string | null} */
    let found = null;
    form.addEventListener("submit", () => (found = field.value.trim()));
    const dialog = openDialog({ title, class: "small", act: h("button", { class: "btn primary", type: "submit", form: "ask" }, act) }, form);
    dialog.addEventListener("close", () => answer(found));
    field.focus();
    field.select();
  });
}
