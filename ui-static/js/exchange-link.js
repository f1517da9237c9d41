// A link to an exchange.

import { h } from "./dom.js";
import { follow, href } from "./route.js";
import { store } from "./state.js";

/** @param {string} id @param {string} [word] */
export function exchangeLink(id, word = id) {
  const to = { screen: /** @type {const} */ ("exchange"), session: null, id, tab: "", against: "", at: "" };
  return follow(h("a", { href: href({ ...store.state.route, ...to, filter: "" }) }, word), () => to);
}
