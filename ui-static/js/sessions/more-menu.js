// In a narrow window: what the bar at the top has no room for.

import { copy } from "../copy.js";
import { h, icon } from "../dom.js";
import { visible } from "../format.js";
import { openPopover } from "../popover.js";
import { store } from "../state.js";
import { address, openRules } from "../top-bar.js";
import { askName } from "./ask.js";
import { begin, change, toggleProxy } from "./actions.js";

/** @param {Element} anchor */
export function openMore(anchor) {
  const { status } = store.state, session = status?.session;
  const line = (/** @type {string} */ name, /** @type {string} */ word, /** @type {() => unknown} */ act) => h("button", { type: "button", class: "item", role: "menuitem", onclick: () => {
    close();
    void act();
  } }, icon(name), h("span", { class: "trunc" }, word));
  const close = openPopover(h("div", { class: "menu", role: "menu", "aria-label": "More" },
    session && line("edit", `Rename ${visible(session.name)}`, async () => {
      const name = await askName("Rename this session", session.name);
      if (name) await change(session.id, { name });
    }),
    session && line("target", "What to record", openRules),
    line("plus", "New session", begin),
    status?.proxy.on !== false && line("copy", `Copy ${address()}`, () => copy(address(), "the proxy address")),
    status?.proxy.on !== undefined && line("power", status.proxy.on ? "Switch the proxy off" : "Switch the proxy on", toggleProxy),
    line("theme", "Switch light or dark", () => /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-theme-switch]"))?.click())), anchor);
}
