// Where the head of a request that went upstream differs from the one that was received: line by line, in order.

/** @import { Field } from "../api-types.js" */

/**
 * @typedef {object} HeadLine
 * @property {"same" | "removed" | "added" | "changed" | "case" | "moved"} kind `case`: the name is written in other letters, and nothing else
 * @property {string} name of the field; empty for the first line
 * @property {string | null} before the whole line as it was received; `null` for one that was added
 * @property {string | null} after as it was sent; `null` for one that was removed
 */
/** @typedef {{ line: string, headers: Field[] }} Head */

/** Comparisons beyond which the order of lines is not looked at. */
const MOST = 4_000_000;

/**
 * Both heads in one list, in the order of what was sent, with what was removed where it had been.
 * @param {Head} received
 * @param {Head} sent
 * @returns {HeadLine[]}
 */
export function headDifferences(received, sent) {
  const first = received.line === sent.line ? "same" : "changed";
  return [{ kind: first, name: "", before: received.line, after: sent.line }, ...fields(received.headers, sent.headers)];
}

/**
 * @param {Field[]} before
 * @param {Field[]} after
 * @returns {HeadLine[]}
 */
function fields(before, after) {
  const a = before.map(text), b = after.map(text), kept = common(a, b);
  const gone = range(a.length).filter((at) => !kept.has(at)), stays = new Set(kept.values());
  /** @type {Map<number, number>} What each line that was sent had been. */
  const partner = new Map();
  const pair = (/** @type {(from: number, to: number) => boolean} */ fits) => {
    for (const to of range(b.length)) {
      const at = stays.has(to) || partner.has(to) ? -1 : gone.findIndex((from) => fits(from, to));
      if (at >= 0) partner.set(to, gone.splice(at, 1)[0]);
    }
  };
  const named = (/** @type {Field[]} */ list, /** @type {number} */ at) => list[at].name.toLowerCase();
  pair((from, to) => a[from] === b[to]);
  pair((from, to) => named(before, from) === named(after, to) && before[from].value === after[to].value);
  pair((from, to) => named(before, from) === named(after, to));
  return merged(before, after, gone, kept, partner);
}

/**
 * @param {Field[]} before
 * @param {Field[]} after
 * @param {number[]} gone places of what was removed
 * @param {Map<number, number>} kept places of what stayed, before and after
 * @param {Map<number, number>} partner
 */
function merged(before, after, gone, kept, partner) {
  /** @type {HeadLine[]} */
  const lines = [];
  let from = 0;
  const removedUpTo = (/** @type {number} */ end) => {
    for (; from < end; from++) if (gone.includes(from)) lines.push({ kind: "removed", name: before[from].name, before: text(before[from]), after: null });
  };
  const was = new Map([...kept].map(([a, b]) => [b, a]));
  after.forEach((field, to) => {
    const same = was.get(to), other = partner.get(to);
    const old = same ?? other, kind = same !== undefined ? "same" : old === undefined ? "added" : howChanged(before[old], field);
    if (old !== undefined && kind !== "moved") removedUpTo(old);
    lines.push({ kind, name: field.name, before: old === undefined ? null : text(before[old]), after: text(field) });
  });
  removedUpTo(before.length);
  return lines;
}

/**
 * @param {Field} before
 * @param {Field} after
 * @returns {"moved" | "case" | "changed"}
 */
function howChanged(before, after) {
  if (before.value !== after.value) return "changed";
  return before.name === after.name ? "moved" : "case";
}

/**
 * The longest run of lines that both have in the same order: places in `a` by places in `b`.
 * @param {string[]} a
 * @param {string[]} b
 */
function common(a, b) {
  /** @type {Map<number, number>} */
  const kept = new Map();
  if (a.length * b.length > MOST) return kept;
  const width = b.length + 1, best = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      best[i * width + j] = a[i] === b[j] ? best[(i + 1) * width + j + 1] + 1 : Math.max(best[(i + 1) * width + j], best[i * width + j + 1]);
    }
  }
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) kept.set(i++, j++);
    else if (best[(i + 1) * width + j] >= best[i * width + j + 1]) i++;
    else j++;
  }
  return kept;
}

/** @param {Field} field */
const text = ({ name, value }) => `${name}: ${value}`;

/** @param {number} length */
const range = (length) => Array.from({ length }, (_, at) => at);
