// Dialogs: a title, what is inside, and at the foot what can be done.

import { button, h } from "./dom.js";

/** @import { Child } from "./dom.js" */

let opened = 0;

/**
 * Opens a dialog. Escape, a click outside and its cross close it.
 * @param {{ title: string, lead?: Child, class?: string, foot?: Child[] }} of
 * @param {...Child} inside
 * @returns {HTMLDialogElement}
 */
export function openDialog({ title, lead, class: look = "", foot = [] }, ...inside) {
  const id = `dialog-${++opened}`, close = () => dialog.close();
  const dialog = h("dialog", { class: `dlg ${look}`, "aria-labelledby": id },
    h("header", null, h("div", { class: "bar" }, h("h1", { id }, title), h("span", { class: "grow" }), button({ icon: "x", label: "Close", class: "tiny", onclick: close })), lead && h("p", { class: "mid" }, lead)),
    h("div", { class: "in" }, ...inside),
    foot.length > 0 && h("footer", null, ...foot));
  return show(dialog);
}

/**
 * Shows a dialog of one's own; closed, it is gone.
 * @param {HTMLDialogElement} dialog
 */
export function show(dialog) {
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("mousedown", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
