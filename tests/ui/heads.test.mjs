// Where the head that was sent differs from the one that was received.

import assert from "node:assert/strict";
import { test } from "node:test";
import { headDifferences } from "../../ui-static/js/detail/head-diff.js";

const head = (text) => {
  const [line, ...fields] = text.split("\n");
  return { line, headers: fields.map((field) => ({ name: field.slice(0, field.indexOf(":")), value: field.slice(field.indexOf(":") + 2) })) };
};

const compared = (before, after) => headDifferences(head(before), head(after)).map(({ kind, before: was, after: is }) => [kind, is ?? was].join(" "));

test("each line is told from the others, in the order of what was sent", () => {
  assert.deepEqual(compared(
    "GET / HTTP/2\nHost: a\nConnection: close\naccept: */*\nX-1: 1\nTE: gzip\nX-2: 2",
    "GET / HTTP/1.1\nHost: a\nAccept: */*\nX-2: 2\nX-1: 1\nTE: trailers\nVia: x",
  ), ["changed GET / HTTP/1.1", "same Host: a", "removed Connection: close", "case Accept: */*", "same X-2: 2", "moved X-1: 1", "changed TE: trailers", "added Via: x"]);
});

test("equal heads have no difference", () => {
  assert.deepEqual(compared("GET / HTTP/1.1\nA: 1\nA: 1", "GET / HTTP/1.1\nA: 1\nA: 1"), ["same GET / HTTP/1.1", "same A: 1", "same A: 1"]);
});

test("of duplicates, each is counted", () => {
  assert.deepEqual(compared("x\nA: 1\nB: 1\nA: 1\nA: 2", "x\nA: 1\nB: 1"), ["same x", "same A: 1", "same B: 1", "removed A: 1", "removed A: 2"]);
  assert.deepEqual(compared("x\nA: 1\na: 1\nB: 1\nC: 1", "x\nB: 1\nC: 1\na: 1\nA: 1"), ["same x", "same B: 1", "same C: 1", "moved a: 1", "moved A: 1"]);
  assert.deepEqual(compared("x\nA: 1\nA: 2", "x\nA: 2\nA: 1").filter((line) => line.startsWith("moved")).length, 1);
});

test("every line of both heads is there, whatever they are", () => {
  let seed = 7;
  const random = (n) => (seed = (seed * 1103515245 + 12345) % 2 ** 31) % n;
  for (let round = 0; round < 300; round++) {
    const make = () => ["GET /", ...Array.from({ length: random(9) }, () => `${"aAbc"[random(4)]}: ${random(3)}`)].join("\n");
    const [before, after] = [make(), make()], lines = headDifferences(head(before), head(after));
    assert.deepEqual(lines.map((line) => line.after).filter((line) => line !== null), after.split("\n"));
    assert.deepEqual(lines.map((line) => line.before).filter((line) => line !== null).sort(), before.split("\n").sort());
    for (const { kind, before: was, after: is } of lines) if (kind === "same" || kind === "moved") assert.equal(was, is);
  }
});

test("heads of a thousand fields are compared in time", () => {
  const many = (word) => ["GET /", ...Array.from({ length: 1000 }, (_, n) => `${word}${n}: 1`)].join("\n"), began = performance.now();
  assert.equal(compared(many("a"), many("b")).length, 2001);
  assert.ok(performance.now() - began < 5000);
});
