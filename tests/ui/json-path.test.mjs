// JSON paths: what they lead to, and what is no path.

import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonText, parseJson } from "../../ui-static/js/detail/json.js";
import { select } from "../../ui-static/js/detail/json-path.js";

const ROOT = parseJson('{"store":{"book":[{"title":"A","price":8.95,"isbn":"1"},{"title":"B","price":12.99},{"title":"C","price":5,"odd name":true}],"bike":{"price":19.95}},"n":null}');

test("paths lead where RFC 9535 says", () => {
  const table = {
    "$": 1, "$.n": ["null"], "$.store.book[0].title": ['"A"'], "$.store.book[-1].title": ['"C"'], "$['store']['book'][1]['title']": ['"B"'], '$.store.book[2]["odd name"]': ["true"],
    "$.store.book[*].title": ['"A"', '"B"', '"C"'], "$..price": ["8.95", "12.99", "5", "19.95"], "$.store.*.price": ["19.95"], "$.store.book[0:2].title": ['"A"', '"B"'], "$.store.book[:-1].title": ['"A"', '"B"'],
    "$.store.book[0,2].title": ['"A"', '"C"'], "$..book[?@.price < 10].title": ['"A"', '"C"'], "$..book[?(@.price >= 12.99)].title": ['"B"'], "$..book[?@.isbn].title": ['"A"'],
    "$..book[?@.title == 'B'].price": ["12.99"], '$..book[?@.title != "B"].title': ['"A"', '"C"'], "$.none": [], "$.store.book[9]": [], "$.n.x": [],
  };
  for (const [path, found] of Object.entries(table)) {
    const got = select(ROOT, path)?.map(jsonText);
    if (typeof found === "number") assert.equal(got?.length, found, path);
    else assert.deepEqual(got, found, path);
  }
});

test("what is no path is none, and no text makes it hang", () => {
  for (const path of ["store", "$store", "$.", "$[", "$['a]", "$.a b", "$[?]", "$[x]", `$${"[".repeat(5000)}`, `$[?@${".a".repeat(2000)} ==`, `$["${"\\\\".repeat(3000)}`]) assert.equal(select(ROOT, path), null, path.slice(0, 20));
});
