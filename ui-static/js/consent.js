// What a web page wrote is sent as the user's own only with the user's word, which is asked for where the daemon wants it.

import { ApiError } from "./api.js";
import { openDialog } from "./dialog.js";
import { button, h } from "./dom.js";
import { sentences } from "./fault.js";
import { visible } from "./format.js";

/**
 * Does it, and asks if it is not to be done without consent. With it, the order has `as_mine`.
 * @template {{ as_mine?: boolean }} O, T
 * @param {O} order
 * @param {(order: O) => Promise<T>} act
 * @returns {Promise<T>}
 */
export async function withConsent(order, act) {
  try {
    return await act(order);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "written_by_page" || !(await agreed(error.message))) throw error;
    order.as_mine = true;
    return act(order);
  }
}

/** @param {string} message @returns {Promise<boolean>} */
function agreed(message) {
  return new Promise((answer) => {
    let yes = false;
    const cancel = button({ label: "Cancel", word: "Cancel", class: "line", onclick: () => dialog.close() });
    const dialog = openDialog({ title: "Send what a web page wrote?", class: "small", foot: [h("span", { class: "grow" }), cancel, button({ icon: "send", label: "Send as mine", word: "Send as mine", class: "danger", onclick: () => {
      yes = true;
      dialog.close();
    } })] }, h("p", null, visible(sentences({ message }))));
    dialog.addEventListener("close", () => answer(yes));
    cancel.focus();
  });
}
