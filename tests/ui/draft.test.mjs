// A request as it is written: URL and query in step, path variables, what is left out of what is sent, text laid out anew.

import assert from "node:assert/strict";
import { test } from "node:test";
import { beautified, mergedQuery, operations, outgoing, pathNames, pieces, queryOf, whole, withQuery } from "../../ui-static/js/editor/draft.js";

test("the query is read as it is written, and written as it was read", () => {
  for (const url of ["http://a/", "http://a/?x=1", "a?x=1&x=2&y=", "a?bare&x=1", "{{base}}/p?q={{v}}&w=a=b#frag", "a?x=%20+&y=é", "a#?no=1"]) {
    assert.equal(withQuery(url, queryOf(url)), url);
  }
  assert.deepEqual(queryOf("a?x=1&bare&y=a=b"), [{ key: "x", value: "1" }, { key: "bare", value: "", bare: true }, { key: "y", value: "a=b" }]);
  assert.equal(withQuery("a?old=1#f", [{ key: "new", value: "2" }, { key: "off", value: "3", disabled: true }, { key: "", value: "" }]), "a?new=2#f");
});

test("a URL that is typed leaves what is switched off where it is", () => {
  const off = { key: "off", value: "1", disabled: true }, said = { key: "a", value: "1", description: "why" };
  assert.deepEqual(mergedQuery([said, off, { key: "b", value: "2" }], "x?a=9&b=2&c=3"), [{ key: "a", value: "9", description: "why" }, off, { key: "b", value: "2" }, { key: "c", value: "3" }]);
  assert.deepEqual(mergedQuery([said, off], "x"), [off]);
  assert.deepEqual(mergedQuery([said], "x?z=1"), [{ key: "z", value: "1" }], "a note belongs to its name");
});

test("segments that are variables are found in the path alone", () => {
  const table = { "http://host:8080/users/:id/:part?x=/:no#/:no": ["id", "part"], "{{base}}/a/:id": ["id"], "host:80/:a/:a": ["a"], "https://h/": [], "": [], "http://unix:/p.sock:/:x": ["x"] };
  for (const [url, names] of Object.entries(table)) assert.deepEqual(pathNames(url), names, url);
});

test("what is sent has no row that says nothing, and a table of the query only where the URL does not say all", () => {
  const draft = whole({ method: "", url: " http://a/:id?x=1 ", headers: [{ key: "", value: "" }, { key: "A", value: "" }, { key: "B", value: "1", disabled: true }], path_variables: [{ key: "id", value: "1" }, { key: "gone", value: "2" }] });
  assert.deepEqual(outgoing(draft), { method: "GET", url: "http://a/:id?x=1", body: { mode: "none" }, auth: { type: "inherit" }, settings: {}, headers: [{ key: "A", value: "" }, { key: "B", value: "1", disabled: true }], path_variables: [{ key: "id", value: "1" }] });
  draft.query.push({ key: "off", value: "1", disabled: true });
  assert.deepEqual(outgoing(draft).query, [{ key: "x", value: "1" }, { key: "off", value: "1", disabled: true }]);
  const again = whole(outgoing(draft));
  assert.deepEqual([again.url, again.query.length], ["http://a/:id?x=1", 2], "and comes back as it was");
  const form = whole({ url: "a", body: { mode: "formdata", formdata: [{ key: "", value: "" }, { key: "", value: "", src: ["f"] }] } });
  assert.deepEqual(outgoing(form).body, { mode: "formdata", formdata: [{ key: "", value: "", src: ["f"] }] });
});

test("text and variables in turn", () => {
  assert.deepEqual(pieces("{{a}}/x?{{ b c }}={{$guid}}{{}}"), ["", "{{a}}", "/x?", "{{ b c }}", "=", "{{$guid}}", "{{}}"]);
});

test("operations of a document", () => {
  assert.deepEqual(operations("query A { a } # query No { x }\nmutation  B($x: Int) { b } subscription C { c } { d }"), ["A", "B", "C"]);
});

test("JSON is laid out anew with its digits and duplicates, and variables may stand for values", () => {
  assert.equal(beautified('{"a":1.0e2,"a":[],"b":[{{n}},"{{s}}"],"c":{}}', "json"), '{\n  "a": 1.0e2,\n  "a": [],\n  "b": [\n    {{n}},\n    "{{s}}"\n  ],\n  "c": {}\n}');
  assert.equal(beautified("{oops", "json"), null);
  assert.equal(beautified("<a><b>x</b><br><c/></a>", "xml"), "<a>\n  <b>x</b>\n  <br>\n  <c/>\n</a>");
});
