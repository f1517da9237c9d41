// Where something is: the names around it, each a link.

import { h } from "../dom.js";
import { visible } from "../format.js";
import { inCollections, linkTo } from "../route.js";

/** @param {{ collection: number, collection_name: string, path: { id: number, name: string }[] }} of the collection, and what is between it and the item */
export function crumbs({ collection, collection_name: name, path }) {
  const around = [{ at: `collection/${collection}`, name }, ...path.map((one) => ({ at: `item/${one.id}`, name: one.name }))];
  return h("span", { class: "crumbs dim hide-s" }, ...around.flatMap(({ at, name: word }) => [linkTo(inCollections(at), { class: "trunc" }, visible(word)), " / "]));
}
