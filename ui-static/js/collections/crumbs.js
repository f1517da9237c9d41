// Where something is: the names around it, each a link.

import { h } from "../dom.js";
import { visible } from "../format.js";
import { follow, href } from "../route.js";
import { store } from "../state.js";

/**
 * @param {number} collection
 * @param {{ id: number, name: string }[]} path from the collection on; `self`, if it is the last, is left out
 * @param {number} self
 */
export function crumbs(collection, path, self) {
  const around = path.filter(({ id }, at) => at === 0 || id !== self);
  return h("span", { class: "crumbs dim hide-s" }, ...around.flatMap(({ id, name }, at) => {
    const to = () => ({ screen: /** @type {const} */ ("collections"), at: at === 0 && id === collection ? `collection/${id}` : `item/${id}`, tab: "", against: "" });
    return [follow(h("a", { class: "trunc", href: href({ ...store.state.route, ...to(), filter: "" }) }, visible(name)), to), " / "];
  }));
}
