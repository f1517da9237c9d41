// The tree of collections as lines, and where what is moved lands.

import assert from "node:assert/strict";
import { test } from "node:test";
import { landing, linesOf, stepped, wayTo } from "../../ui-static/js/collections/lines.js";
import { ownVariables, scriptText, tableRows } from "../../ui-static/js/collections/model.js";

const node = (id, kind, parent, name, children = []) => ({ id, kind, parent, name, children });
const collections = [{ id: 1, name: "One", requests: 3, scripts: 0, live: null }, { id: 2, name: "Two", requests: 0, scripts: 0, live: 7 }];
const outlines = new Map([[1, [
  node(10, "request", null, "a", [node(11, "example", 10, "e1"), node(12, "example", 10, "e2")]),
  node(20, "folder", null, "F", [node(21, "request", 20, "b"), node(22, "folder", 20, "G")]),
  node(30, "request", null, "c"),
]], [2, []]]);
const lines = linesOf(collections, outlines, new Set(["collection/1", "item/10", "item/20", "collection/2"]));
const line = (name) => lines.find((one) => one.name === name);

test("what is open is listed, depth first", () => {
  assert.deepEqual(lines.map(({ depth, name, position }) => `${depth} ${name} ${position}`), ["0 One 0", "1 a 0", "2 e1 0", "2 e2 1", "1 F 1", "2 b 0", "2 G 1", "1 c 2", "0 Two 1"]);
  assert.deepEqual(linesOf(collections, outlines, new Set()).map(({ name }) => name), ["One", "Two"]);
  assert.deepEqual(wayTo(outlines, 21), ["collection/1", "item/20"]);
  assert.deepEqual(wayTo(outlines, 10), ["collection/1"]);
  assert.equal(wayTo(outlines, 99), null);
});

test("what is dropped lands beside or in what it is dropped at, and never in itself", () => {
  const place = (collection, parent, position) => ({ collection, parent, position });
  for (const [moved, at, side, to] of [
    ["a", "c", "after", place(1, null, 2)], ["a", "c", "before", place(1, null, 1)], ["c", "a", "before", place(1, null, 0)], ["c", "a", "after", place(1, null, 1)],
    ["a", "F", "before", null], ["a", "a", "after", null], ["a", "F", "into", place(1, 20, 2)], ["a", "b", "before", place(1, 20, 0)], ["b", "G", "after", place(1, 20, 1)],
    ["b", "c", "after", place(1, null, 3)], ["b", "Two", "into", place(2, null, 1_000_000)], ["b", "One", "after", place(1, null, 0)], ["a", "One", "before", null],
    ["F", "b", "before", null], ["F", "G", "into", null], ["F", "F", "into", null], ["b", "a", "into", null], ["c", "e1", "before", null],
    ["e1", "e2", "after", place(1, 10, 1)], ["e1", "c", "before", null], ["e1", "e2", "into", null], ["One", "c", "before", null],
  ]) assert.deepEqual(landing(line(moved), line(at), side, lines), to, `${moved} ${side} ${at}`);
});

test("keys move up and down among their own, into the folder above and out again", () => {
  for (const [name, key, to] of [
    ["a", "ArrowUp", null], ["a", "ArrowDown", [null, 1]], ["c", "ArrowDown", null], ["c", "ArrowUp", [null, 1]], ["c", "ArrowRight", [20, 2]], ["a", "ArrowRight", null], ["a", "ArrowLeft", null],
    ["b", "ArrowLeft", [null, 2]], ["G", "ArrowUp", [20, 0]], ["G", "ArrowRight", null], ["e2", "ArrowUp", [10, 0]], ["e2", "ArrowLeft", null], ["One", "ArrowDown", null],
  ]) assert.deepEqual(stepped(line(name), key, lines), to && { collection: 1, parent: to[0], position: to[1] }, `${name} ${key}`);
});

test("variables and scripts are read as files have them, and nothing is lost", () => {
  const own = [{ key: "a", value: "1", description: "d", extra: { x: 1 } }, { key: "b", value: "2", secret: true, disabled: true }];
  assert.deepEqual(ownVariables(tableRows(own)), own);
  assert.deepEqual(ownVariables([{ key: "", value: "" }]), []);
  for (const [script, when, text] of [
    [{ listen: "test", script: { exec: ["a", "b"] } }, "test", "a\nb"], [{ listen: "prerequest", script: { exec: "a\nb" } }, "prerequest", "a\nb"], [{ listen: "test", script: "x" }, "test", "x"],
    [{ listen: "test", script: ["x", 1] }, "test", "x"], [{}, "script", ""], [undefined, "script", ""], [{ listen: 7, script: { exec: null } }, "script", ""],
  ]) assert.deepEqual(scriptText(script), { when, text });
});
