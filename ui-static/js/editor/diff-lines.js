// What differs between two texts, by line: the shortest edit (Myers, 1986), with a few lines around each change.

/** @typedef {{ kind: "same" | "del" | "add" | "skip", text: string }} DiffLine `skip` stands for lines left out */

/** Lines of one text, and edits, beyond which the work is not worth it. */
const MOST_LINES = 20_000, MOST_EDITS = 800;
const AROUND = 3;

/**
 * @param {string} before
 * @param {string} after
 * @returns {DiffLine[] | null} empty if they are equal, `null` if they have too little in common to show
 */
export function diffLines(before, after) {
  if (before === after) return [];
  const a = before.split("\n"), b = after.split("\n");
  if (a.length > MOST_LINES || b.length > MOST_LINES) return null;
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const middle = edits(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  if (!middle) return null;
  const same = (/** @type {string[]} */ lines) => lines.map((text) => /** @type {DiffLine} */ ({ kind: "same", text }));
  return shorten([...same(a.slice(0, head)), ...middle, ...same(a.slice(a.length - tail))]);
}

/**
 * @param {string[]} a
 * @param {string[]} b
 * @returns {DiffLine[] | null}
 */
function edits(a, b) {
  const offset = a.length + b.length + 1, reach = new Int32Array(2 * offset + 1);
  /** @type {Int32Array[]} */
  const trace = [];
  for (let d = 0; d <= Math.min(offset, MOST_EDITS); d++) {
    trace.push(reach.slice(offset - d - 1, offset + d + 2));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && reach[offset + k - 1] < reach[offset + k + 1]);
      let x = down ? reach[offset + k + 1] : reach[offset + k - 1] + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      reach[offset + k] = x;
      if (x >= a.length && x - k >= b.length) return backtrack(a, b, trace);
    }
  }
  return null;
}

/**
 * @param {string[]} a
 * @param {string[]} b
 * @param {Int32Array[]} trace how far each diagonal had come before each edit, from diagonal `-d - 1` on
 */
function backtrack(a, b, trace) {
  /** @type {DiffLine[]} */
  const lines = [];
  let x = a.length, y = b.length;
  for (let d = trace.length - 1; d >= 0; d--) {
    const at = (/** @type {number} */ k) => trace[d][k + d + 1], k = x - y;
    const down = k === -d || (k !== d && at(k - 1) < at(k + 1));
    const fromX = d === 0 ? 0 : down ? at(k + 1) : at(k - 1), fromY = d === 0 ? 0 : fromX - (down ? k + 1 : k - 1);
    while (x > fromX && y > fromY && x > 0 && y > 0 && a[x - 1] === b[y - 1]) {
      lines.push({ kind: "same", text: a[--x] });
      y--;
    }
    if (d === 0) break;
    if (down) lines.push({ kind: "add", text: b[--y] });
    else lines.push({ kind: "del", text: a[--x] });
  }
  return lines.reverse();
}

/**
 * Leaves out what is far from any change.
 * @param {DiffLine[]} lines
 */
function shorten(lines) {
  const near = new Uint8Array(lines.length);
  lines.forEach(({ kind }, at) => kind !== "same" && near.fill(1, Math.max(0, at - AROUND), at + AROUND + 1));
  /** @type {DiffLine[]} */
  const kept = [];
  lines.forEach((line, at) => {
    if (near[at]) kept.push(line);
    else if (kept.at(-1)?.kind !== "skip") kept.push({ kind: "skip", text: `from line ${at + 1}` });
  });
  return kept;
}
