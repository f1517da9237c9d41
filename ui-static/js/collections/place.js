// Where something is saved: a collection there is or a new one, a folder in it, a name.

import { collection } from "../api-collections.js";
import { h } from "../dom.js";
import { choice, field } from "../editor/ink.js";
import { visible } from "../format.js";
import { known, refreshCollections } from "./known.js";

/** @import { Outline } from "./types.js" */

/** Folders that are offered. */
const MOST = 500;

/**
 * Fields for a place: `collection` is `null` for a new one.
 * @param {{ name: string, onchange?: () => void }} of `name` of a new collection
 */
export function placeFields({ name, onchange = () => {} }) {
  const place = { collection: /** @type {number | null} */ (null), parent: /** @type {number | null} */ (null), name };
  const called = field("Name of the new collection", name, (text) => {
    place.name = text;
    onchange();
  }, { class: "field grow", maxlength: 200 });
  const folder = h("span", { class: "grow" }), into = h("span", { class: "grow" });
  const pick = async (/** @type {string} */ value) => {
    place.collection = value ? Number(value) : null;
    place.parent = null;
    called.hidden = value !== "";
    folder.replaceChildren();
    onchange();
    const found = value ? await collection(Number(value)).catch(() => null) : null;
    if (!found || String(place.collection) !== value) return;
    const folders = foldersOf(found.tree, "");
    if (folders.length) folder.replaceChildren(choice("Folder", [["", "At its top"], ...folders.slice(0, MOST)], "", (id) => {
      place.parent = id ? Number(id) : null;
      onchange();
    }));
  };
  const show = (/** @type {string} */ value) => {
    into.replaceChildren(choice("Collection", [["", "A new collection"], .../** @type {[string, string][]} */ ((known.state.items ?? []).map(({ id, name: of }) => [String(id), visible(of)]))], value, (to) => void pick(to)));
    void pick(value);
  };
  show("");
  if (known.state.items === null) void refreshCollections().then(() => show(""));
  return { place, element: h("span", { class: "two place" }, into, called, folder), pick: show };
}

/** @param {Outline[]} nodes @param {string} before @returns {[string, string][]} */
function foldersOf(nodes, before) {
  return nodes.filter(({ kind }) => kind === "folder").flatMap(({ id, name, children = [] }) => [/** @type {[string, string]} */ ([String(id), visible(before + name)]), ...foldersOf(children, `${before}${name} / `)]);
}
