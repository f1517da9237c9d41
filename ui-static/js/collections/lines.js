// The tree of collections as lines: what is open is listed, depth first; and where something lands that is moved.

/** @import { CollectionItem, NodeKind, Outline } from "./types.js" */

/**
 * @typedef {object} Line
 * @property {string} key `collection/3`, `item/12`: also where it is found
 * @property {NodeKind} kind
 * @property {number} id
 * @property {number} collection
 * @property {number | null} parent the item it is in
 * @property {number} position among what is beside it
 * @property {number} depth from 0
 * @property {string} name
 * @property {string} method
 * @property {number | null} status
 * @property {number} count requests in a collection; what is in a folder
 * @property {boolean} branch whether something can be in it
 * @property {boolean} open
 * @property {boolean} scripts
 * @property {number | null} live the session that fills it
 */

/** @typedef {"before" | "after" | "into"} Side */
/** @typedef {{ collection: number, parent: number | null, position: number }} Place */

/**
 * @param {CollectionItem[]} collections
 * @param {Map<number, Outline[]>} outlines of the collections that are known
 * @param {Set<string>} open keys
 * @returns {Line[]}
 */
export function linesOf(collections, outlines, open) {
  /** @type {Line[]} */
  const lines = [];
  collections.forEach(({ id, name, requests, scripts, live }, position) => {
    const key = `collection/${id}`, shown = open.has(key);
    lines.push({ key, kind: "collection", id, collection: id, parent: null, position, depth: 0, name, method: "", status: null, count: requests, branch: true, open: shown, scripts: scripts > 0, live });
    if (shown) walk(outlines.get(id) ?? [], id, 1, open, lines);
  });
  return lines;
}

/**
 * @param {Outline[]} nodes
 * @param {number} collection
 * @param {number} depth
 * @param {Set<string>} open
 * @param {Line[]} lines
 */
function walk(nodes, collection, depth, open, lines) {
  nodes.forEach(({ id, kind, parent, name, method, status, scripts, children = [] }, position) => {
    const key = `item/${id}`, branch = kind === "folder" || children.length > 0, shown = branch && open.has(key);
    lines.push({ key, kind, id, collection, parent: parent ?? null, position, depth, name, method: method ?? "", status: status ?? null, count: kind === "folder" ? children.length : 0, branch, open: shown, scripts: Boolean(scripts), live: null });
    if (shown) walk(children, collection, depth + 1, open, lines);
  });
}

/**
 * The keys of everything an item is in.
 * @param {Map<number, Outline[]>} outlines
 * @param {number} id
 * @returns {string[] | null} the outermost first; `null` if it is in none that is known
 */
export function wayTo(outlines, id) {
  for (const [collection, nodes] of outlines) {
    const way = within(nodes, id);
    if (way) return [`collection/${collection}`, ...way];
  }
  return null;
}

/** @param {Outline[]} nodes @param {number} id @returns {string[] | null} */
function within(nodes, id) {
  for (const node of nodes) {
    if (node.id === id) return [];
    const way = within(node.children ?? [], id);
    if (way) return [`item/${node.id}`, ...way];
  }
  return null;
}

/**
 * Where a line lands that is dropped at another one; `null` where it cannot be.
 * @param {Line} moved
 * @param {Line} at
 * @param {Side} side
 * @param {Line[]} lines all that are shown
 * @returns {Place | null} `position`: among the others that are there
 */
export function landing(moved, at, side, lines) {
  if (moved.kind === "collection" || moved.key === at.key) return null;
  if (moved.kind === "example") {
    if (at.kind !== "example" || at.parent !== moved.parent || side === "into") return null;
  } else if (at.kind === "example" || inside(moved, at, lines)) return null;
  if (side === "into") {
    if (at.kind !== "collection" && at.kind !== "folder") return null;
    const last = at.kind === "collection" ? Number.MAX_SAFE_INTEGER : at.count;
    return { collection: at.collection, parent: at.kind === "collection" ? null : at.id, position: Math.min(last, 1_000_000) };
  }
  if (at.kind === "collection") return side === "after" && at.open ? { collection: at.id, parent: null, position: 0 } : null;
  const beside = moved.collection === at.collection && moved.parent === at.parent;
  const position = at.position + (side === "after" ? 1 : 0) - (beside && moved.position < at.position + (side === "after" ? 1 : 0) ? 1 : 0);
  return beside && position === moved.position ? null : { collection: at.collection, parent: at.parent, position };
}

/** Whether a line is somewhere in another one. @param {Line} outer @param {Line} line @param {Line[]} lines */
function inside(outer, line, lines) {
  for (let at = /** @type {Line | undefined} */ (line); at; at = at.parent === null ? undefined : lines.find(({ key }) => key === `item/${/** @type {Line} */ (at).parent}`)) if (at.key === outer.key) return true;
  return false;
}

/**
 * Where a line goes by a key: one up or down among its own, out of its folder, or into the one above it.
 * @param {Line} line
 * @param {"ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight"} key
 * @param {Line[]} lines
 * @returns {Place | null}
 */
export function stepped(line, key, lines) {
  const { collection, parent, position } = line, beside = (/** @type {number} */ at) => lines.find((one) => one.kind !== "collection" && one.collection === collection && one.parent === parent && one.position === at);
  if (line.kind === "collection") return null;
  if (key === "ArrowUp") return position > 0 ? { collection, parent, position: position - 1 } : null;
  if (key === "ArrowDown") return beside(position + 1) ? { collection, parent, position: position + 1 } : null;
  if (line.kind === "example") return null;
  if (key === "ArrowRight") {
    const above = beside(position - 1);
    return above?.kind === "folder" ? { collection, parent: above.id, position: above.count } : null;
  }
  const outer = parent === null ? undefined : lines.find(({ key: one }) => one === `item/${parent}`);
  return outer ? { collection, parent: outer.parent, position: outer.position + 1 } : null;
}
