// What can be done with a collection, or with something in one.

import { addCollection, changeCollection, changeItem, collection, duplicateCollection, duplicateItem, item } from "../api-collections.js";
import { visible } from "../format.js";
import { openEdit } from "../inline-edit.js";
import { lazy } from "../lazy.js";
import { openMenu } from "../popover.js";
import { go, inCollections } from "../route.js";
import { askName } from "../sessions/ask.js";
import { add, changing, removeSaying } from "./known.js";
import { ownModel } from "./model.js";

/** @import { Line } from "./lines.js" */

/** @param {number} id @param {"collection" | "item"} [kind] */
const open = (id, kind = "item") => go(inCollections(`${kind}/${id}`));

export async function newCollection() {
  const name = await askName("New collection", ""), made = name && (await changing(addCollection({ name }), `${name} is there`));
  if (made) open(made.id, "collection");
}

/** @param {number} collection @param {number | null} parent */
export async function newFolder(collection, parent) {
  const name = await askName("New folder", ""), id = name && (await add(collection, parent, { kind: "folder", name }));
  if (id) open(id);
}

/** @param {number} collection @param {number | null} parent */
export async function newRequest(collection, parent) {
  const id = await add(collection, parent, { kind: "request", name: "New request", request: { url: "", method: "GET" } });
  if (id) open(id);
}

/** Renames something where its name stands. @param {HTMLElement} shown @param {Line} line */
export function rename(shown, { kind, id, name }) {
  openEdit(shown, name, `Name of this ${kind}`, (to) => void changing(renamed(kind === "collection", id, to), "Renamed"));
}

/** @param {boolean} whole it is a collection @param {number} id @param {string} name */
async function renamed(whole, id, name) {
  if (whole) return changeCollection(id, { ...ownModel(await collection(id)), name });
  return changeItem(id, { ...(await item(id)).item, name });
}

/**
 * @param {Element} anchor
 * @param {Line} line
 * @param {() => void} onrename
 */
export function openNodeMenu(anchor, line, onrename) {
  const { kind, id, collection, name } = line, whole = kind === "collection", holds = whole || kind === "folder", parent = whole ? null : id;
  openMenu(anchor, visible(name), [
    holds && ["plus", "New request", () => newRequest(collection, parent)],
    holds && ["collections", "New folder", () => newFolder(collection, parent)],
    ["edit", "Rename", onrename, "", "F2"],
    ["copy", "Duplicate", async () => {
      const made = await changing(whole ? duplicateCollection(id) : duplicateItem(id), "Duplicated");
      if (made) open(made.id, whole ? "collection" : "item");
    }],
    kind !== "example" && ["resend", "Replay", () => lazy(() => import("../replay/start.js")).then((part) => part?.askReplay(whole ? { collection: id } : { item: id }, visible(name)))],
    whole && ["sync", "Endpoints", () => lazy(() => import("./regroup.js")).then((part) => part?.askTemplates(id, name))],
    whole && ["export", "Export", () => lazy(() => import("./export.js")).then((part) => part?.showCollectionExport(id, name))],
    ["trash", "Delete", () => removeSaying(whole ? { collection: id } : { items: [id] }, name), "danger", "Del"],
  ]);
}
