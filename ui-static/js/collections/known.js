// The collections there are, and what is in those that are open; changes of them, each with a word about how it ended.

import { bringBack, remove } from "../api-control.js";
import { addItem, collection, collections, moveItems } from "../api-collections.js";
import { visible } from "../format.js";
import { saying } from "../reason.js";
import { Store } from "../store.js";
import { store } from "../state.js";
import { offerUndo } from "../undo.js";

/** @import { CollectionItem, Outline } from "./types.js" */
/** @import { Place } from "./lines.js" */

/** What is known of them. */
export const known = new Store(/** @type {{ items: CollectionItem[] | null, outlines: Map<number, Outline[]> }} */ ({ items: null, outlines: new Map() }));

let asked = 0;

/** Asks for the list and for what is known of it anew. */
export async function refreshCollections() {
  const mine = ++asked, { items } = await collections().catch(() => ({ items: known.state.items ?? [] }));
  const ids = [...known.state.outlines.keys()].filter((id) => items.some((one) => one.id === id));
  const trees = await Promise.all(ids.map((id) => collection(id).then(({ tree }) => tree, () => known.state.outlines.get(id) ?? [])));
  if (mine === asked) known.set({ items, outlines: new Map(ids.map((id, at) => [id, trees[at]])) });
}

/** Makes sure that it is known what is in a collection. @param {number} id */
export async function outline(id) {
  if (known.state.outlines.has(id)) return;
  const found = await collection(id).catch(() => null);
  if (found) known.set({ outlines: new Map([...known.state.outlines, [id, found.tree]]) });
}

/** Changes something, then shows what there is. @template T @param {Promise<T>} doing @param {string} done */
export async function changing(doing, done) {
  const answer = await saying(doing, done);
  if (answer !== null) await refreshCollections();
  return answer;
}

/** @param {number} item @param {Place} place */
export const move = (item, place) => changing(moveItems({ items: [item], ...place }), "Moved");

/**
 * Adds something and answers its number.
 * @param {number} id of the collection
 * @param {number | null} parent
 * @param {object} item
 */
export async function add(id, parent, item) {
  const made = await changing(addItem(id, { parent, item }), "Added");
  return made?.id ?? null;
}

/**
 * Deletes with a way back.
 * @param {{ items: number[] } | { collection: number }} what
 * @param {string} name
 */
export async function removeSaying(what, name) {
  const deletion = await changing(remove(what), "");
  if (deletion) offerUndo(`Deleted ${visible(name)}.`, () => void changing(bringBack(deletion.id).then(() => store.set({ stale: store.state.stale + 1 })), "Brought back"));
  return deletion !== null;
}
