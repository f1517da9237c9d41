// In a narrow window: what the bar at the top has no room for.

import { copy } from "../copy.js";
import { visible } from "../format.js";
import { openMenu } from "../popover.js";
import { store } from "../state.js";
import { address, openRules } from "../top-bar.js";
import { askName } from "./ask.js";
import { begin, change, toggleProxy } from "./actions.js";

/** @param {Element} anchor */
export function openMore(anchor) {
  const { status } = store.state, session = status?.session;
  openMenu(anchor, "More", [
    session && ["edit", `Rename ${visible(session.name)}`, async () => {
      const name = await askName("Rename this session", session.name);
      if (name) await change(session.id, { name });
    }],
    session && ["target", "What to record", openRules],
    ["plus", "New session", begin],
    status?.proxy.on !== false && ["copy", `Copy ${address()}`, () => copy(address(), "the proxy address")],
    status?.proxy.on !== undefined && ["power", status.proxy.on ? "Switch the proxy off" : "Switch the proxy on", toggleProxy],
    ["theme", "Switch light or dark", () => /** @type {HTMLButtonElement | null} */ (document.querySelector("[data-theme-switch]"))?.click()],
  ]);
}
