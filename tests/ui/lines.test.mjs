// The comparison of texts by line.

import assert from "node:assert/strict";
import { test } from "node:test";
import { diffLines } from "../../ui-static/js/editor/diff-lines.js";

const side = (lines, without) => lines.filter(({ kind }) => kind !== without).map(({ text }) => text).join("\n");

test("either text can be read from the difference, and the edit is the shortest", () => {
  let seed = 7;
  const random = (n) => (seed = (seed * 16807) % 2147483647) % n;
  for (let round = 0; round < 500; round++) {
    // At most four lines: nothing is too far from a change to be shown.
    const text = () => Array.from({ length: 1 + random(4) }, () => "abc"[random(3)]).join("\n");
    const before = text(), after = text(), lines = diffLines(before, after);
    if (before === after) continue;
    assert.deepEqual([side(lines, "add"), side(lines, "del")], [before, after]);
    assert.equal(lines.filter(({ kind }) => kind === "same").length, longest(before.split("\n"), after.split("\n")));
  }
});

/** Length of the longest common subsequence, by the book. */
function longest(a, b) {
  const best = Array.from({ length: a.length + 1 }, () => Array(b.length + 1).fill(0));
  for (let i = 1; i <= a.length; i++) for (let j = 1; j <= b.length; j++) best[i][j] = a[i - 1] === b[j - 1] ? best[i - 1][j - 1] + 1 : Math.max(best[i - 1][j], best[i][j - 1]);
  return best[a.length][b.length];
}

test("what is far from a change is left out", () => {
  const before = Array.from({ length: 50 }, (_, n) => `line ${n}`), after = before.with(25, "changed");
  const lines = diffLines(before.join("\n"), after.join("\n"));
  assert.deepEqual(lines.map(({ kind }) => kind), ["skip", "same", "same", "same", "del", "add", "same", "same", "same", "skip"]);
});

test("equal texts have no difference; unlike ones are given up in time", () => {
  assert.deepEqual(diffLines("a\nb", "a\nb"), []);
  const unlike = (word) => Array.from({ length: 15000 }, (_, n) => `${word}${n}`).join("\n");
  const began = performance.now();
  assert.equal(diffLines(unlike("a"), unlike("b")), null);
  assert.ok(performance.now() - began < 5000);
});
