// Dialogs: a title, what is inside, and at the foot what can be done.

import { button, h } from "./dom.js";

/** @import { Child } from "./dom.js" */

let opened = 0;

/**
 * Opens a dialog. Escape, a click outside and its cross close it.
 * @param {{ title: string, lead?: Child, class?: string, foot?: Child[], act?: Child }} of `act`: what is done, at the end of the foot behind Cancel
 * @param {...Child} inside
 * @returns {HTMLDialogElement}
 */
export function openDialog({ title, lead, class: look = "", foot = [], act }, ...inside) {
  const id = `dialog-${++opened}`, close = () => dialog.close();
  if (act) foot = [...foot, h("span", { class: "grow" }), button({ word: "Cancel", class: "line", onclick: close }), act];
  const dialog = h("dialog", { class: `dlg ${look}`, "aria-labelledby": id },
    h("header", null, h("div", { class: "bar" }, h("h1", { id }, title), h("span", { class: "grow" }), button({ icon: "x", label: "Close", class: "tiny", onclick: close })), lead && h("p", { class: "mid" }, lead)),
    h("div", { class: "in" }, ...inside),
    foot.length > 0 && h("footer", null, ...foot));
  return show(dialog);
}

/**
 * Asks before something is done that takes something away. Enter cancels.
 * @param {string} title
 * @param {string} word
 * @param {Child} why what will be gone, and whether there is a way back
 * @param {() => unknown} act
 * @param {Child} [lead]
 */
export function askSure(title, word, why, act, lead) {
  const dialog = openDialog({ title, lead, class: "small", act: button({ icon: "trash", word, class: "danger", onclick: () => {
    dialog.close();
    void act();
  } }) }, h("p", null, why));
  /** @type {HTMLElement | null} */ (dialog.querySelector("footer .line"))?.focus();
}

/**
 * Opens a dialog with a form. What goes wrong is said in it; done, it closes.
 * @param {Omit<Parameters<typeof openDialog>[0], "act"> & { word: string, look?: string, fault: { element: HTMLElement, say: (error: unknown) => void } }} of `word` is that of its button, `look` the form's own class
 * @param {Child[]} inside
 * @param {() => unknown} act throws, or says `false`, where it stays open
 */
export function openForm({ word, look = "", fault, ...of }, inside, act) {
  const id = `form-${opened + 1}`, go = h("button", { class: "btn primary", type: "submit", form: id }, word);
  const form = h("form", { class: `form ${look}`, id, onsubmit: async (/** @type {Event} */ event) => {
    event.preventDefault();
    go.disabled = true;
    try {
      if ((await act()) !== false) dialog.close();
    } catch (error) {
      fault.say(error);
    } finally {
      go.disabled = false;
    }
  } }, ...inside, fault.element);
  const dialog = openDialog({ class: "medium", ...of, act: go }, form);
  form.querySelector("input")?.focus();
  return dialog;
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
