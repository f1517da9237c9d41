// What was just done, and for ten seconds the way back.

import { button, h } from "./dom.js";
import { store } from "./state.js";

/** Milliseconds. */
const TIME = 10_000;

/**
 * Says what was done and offers to undo it.
 * @param {string} text
 * @param {() => unknown} act undoes it
 */
export function offerUndo(text, act) {
  store.set({ undo: { text, act, until: Date.now() + TIME } });
}

/** The bar with the offer, while there is one. */
export function undoBar() {
  const text = h("span"), left = h("span", { class: "dim", "aria-hidden": "true" });
  const bar = h("div", { class: "banner info", hidden: true }, text, button({ word: "Undo", class: "tiny line", onclick: () => {
    const { undo } = store.state;
    store.set({ undo: null });
    undo?.act();
  } }), h("span", { class: "grow" }), left);
  const show = () => {
    const { undo } = store.state, seconds = undo ? Math.ceil((undo.until - Date.now()) / 1000) : 0;
    if (undo && seconds <= 0) return store.set({ undo: null });
    bar.hidden = !undo;
    left.textContent = undo ? `${seconds} s` : "";
  };
  store.watch(["undo"], ({ undo }) => {
    if (undo) text.textContent = undo.text;
    show();
  });
  setInterval(show, 500);
  return h("div", { role: "status" }, bar);
}
