// The JSON reader of the detail pane, and what the comparison makes of two documents.

import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonText, parseJson } from "../../ui-static/js/detail/json.js";

test("nothing is lost: digits, order, duplicate names", () => {
  for (const text of ["12345678901234567890.10", '{"b":1,"a":2,"10":3,"2":4,"a":5}', '{"__proto__":{"x":1}}', "-0", "1E400", "[]", "{}", '""', "[[],{}]"]) {
    assert.equal(jsonText(parseJson(text)), text);
  }
});

test("it reads what JSON.parse reads, and nothing else", () => {
  const good = [' [1 , 2]\r\n', '"\\u00e9\\n\\"\\\\"', '{"a" : [true,false,null]}', '"\u2028"', "0.5e-3"];
  const bad = ["", " ", "{", "[1,]", "{,}", '{"a"}', "01", "1.", ".5", "+1", "'a'", '"\n"', '"a', '"\\x"', '"\\', "nul", "[1] 2", "NaN", "{a:1}", "[1 2]"];
  for (const text of good) assert.deepEqual(JSON.parse(jsonText(parseJson(text))), JSON.parse(text), text);
  for (const text of bad) {
    assert.throws(() => JSON.parse(text), text);
    assert.equal(parseJson(text), null, text);
  }
});

test("hostile depth and length end in an answer", () => {
  assert.equal(parseJson("[".repeat(1e6)), null);
  assert.equal(parseJson("[".repeat(100) + "]".repeat(100))?.kind, "array");
  assert.equal(parseJson(`"${"x".repeat(5e6)}"`)?.value.length, 5e6);
});
