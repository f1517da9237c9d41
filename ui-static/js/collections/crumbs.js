// Where something is: the names around it, each a link.

import { h } from "../dom.js";
import { visible } from "../format.js";
import { follow, href, inCollections } from "../route.js";
import { store } from "../state.js";

/** @param {{ collection: number, collection_name: string, path: { id: number, name: string }[] }} of the collection, and what is between it and the item */
export function crumbs({ collection, collection_name: name, path }) {
  const around = [{ at: `collection/${collection}`, name }, ...path.map((one) => ({ at: `item/${one.id}`, name: one.name }))];
  return h("span", { class: "crumbs dim hide-s" }, ...around.flatMap(({ at, name: word }) => {
    const to = () => inCollections(at);
    return [follow(h("a", { class: "trunc", href: href({ ...store.state.route, ...to(), filter: "" }) }, visible(word)), to), " / "];
  }));
}
