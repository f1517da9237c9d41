// Filters as the page writes and reads them, the list's scope, and what is recorded as lines of text.

import assert from "node:assert/strict";
import { test } from "node:test";
import { classes } from "../../ui-static/js/filter/groups.js";
import { chosen, quoted, terms, withChosen, withTerm } from "../../ui-static/js/filter/terms.js";
import { problem } from "../../ui-static/js/filter/text.js";
import { best } from "../../ui-static/js/palette/match.js";
import { DEFAULTS, fromText, toText } from "../../ui-static/js/record/rules.js";
import { changed, href, parse } from "../../ui-static/js/route.js";
import { belongs, scopeOf, totalOf, within } from "../../ui-static/js/scope.js";
import { cellTerm } from "../../ui-static/js/table/cell-term.js";
import { Columns } from "../../ui-static/js/table/columns.js";
import { limits } from "../../ui-static/js/top-bar.js";

test("terms are parted by white space, but not within quotes and parentheses", () => {
  assert.deepEqual(terms('a  host:"b c" (d OR "e )") -f'), ["a", 'host:"b c"', '(d OR "e )")', "-f"]);
  assert.deepEqual(terms('open "quote'), ["open", '"quote']);
});

test("a value is quoted where it would be read as something else", () => {
  assert.deepEqual(["json", "a,b", "/v2/me", "a b", 'say "x\\y"', "-x", "(", "image/svg+xml"].map(quoted), ["json", '"a,b"', '"/v2/me"', '"a b"', '"say \\"x\\\\y\\""', '"-x"', '"("', "image/svg+xml"]);
});

test("a term is added once, takes its opposite's place, and stands beside OR in parentheses", () => {
  assert.equal(withTerm("", "status:404", false), "status:404");
  assert.equal(withTerm("a status:404", "status:404", false), "a status:404");
  assert.equal(withTerm("a status:404", "status:404", true), "a -status:404");
  assert.equal(withTerm("a OR b", "status:404", true), "(a OR b) -status:404");
});

test("the choices of a chip are read from the filter and written in their place", () => {
  assert.deepEqual(chosen('x method:GET,"A B",c -method:PUT', "method"), ["GET", "A B", "c"]);
  assert.deepEqual([chosen("-method:PUT", "method"), chosen("method:GET OR x", "method"), chosen("", "method")], [[], [], []]);
  assert.equal(withChosen("a method:GET b", "method", ["GET", "A B"]), 'a method:GET,"A B" b');
  assert.equal(withChosen("a method:GET b", "method", []), "a b");
  assert.equal(withChosen("a OR b", "method", ["GET"]), "(a OR b) method:GET");
  for (const values of [["a,b", 'c"d'], ["\\", "é", "-"]]) assert.deepEqual(chosen(withChosen("x", "host", values), "host"), values);
});

test("statuses are put together by class, what has none comes last", () => {
  const of = (value, exchanges) => ({ value, exchanges, bytes: 2, failures: 1 });
  assert.deepEqual(classes([of("", 1), of("404", 2), of("200", 3), of("410", 4)]).map(({ value, exchanges, bytes }) => [value, exchanges, bytes]), [["2xx", 3, 2], ["4xx", 6, 4], ["", 1, 2]]);
});

test("where a filter is wrong is told in characters of what the reader wrote", () => {
  const at = (offset, length, filter, shift) => (({ offset: from, length: long }) => [from, long])(problem({ message: "", hint: "", offset, length }, filter, shift));
  assert.deepEqual(at(3, 2, "é ab", 0), [2, 2]);
  assert.deepEqual(at(13, 2, "é ab", 10), [2, 2]);
  assert.deepEqual(at(14, 9, "é ab", 10), [3, 1]);
  assert.deepEqual(at(2, 1, "ab", 10), [0, 0]);
});

const session = (id, started, more = {}) => ({ id, source: "proxy", started_us: started, exchanges: 10, ...more });

test("Live is about what began since the running session did, a session's page about it alone", () => {
  const sessions = [session(1, 1_000_000), session(2, 5_000_000), session(3, 6_000_000, { source: "run" }), session(4, 7_000_000, { source: "import" })];
  const live = scopeOf({ route: { session: null }, sessions, status: { session: sessions[1] } }), page = scopeOf({ route: { session: 1 }, sessions, status: null });
  assert.deepEqual([live, page, scopeOf({ route: { session: null }, sessions: [], status: null })], [{ session: null, from: 5_000_000 }, { session: 1, from: 0 }, { session: null, from: 0 }]);
  assert.deepEqual([totalOf(live, sessions), totalOf(page, sessions)], [20, 10]);
  assert.deepEqual([within("a OR b", live), within(" ", page), within("a", { session: null, from: 0 })], [{ text: "since:1970-01-01T00:00:05.000Z (a OR b)", shift: 32 }, { text: "session:1", shift: 0 }, { text: "a", shift: 0 }]);
  assert.deepEqual([[live, "2.1", 5_000_000], [live, "1.9", 4_999_999], [page, "1.9", 0], [page, "11.9", 9e9]].map(([scope, id, started_us]) => belongs(scope)({ id, started_us })), [true, false, true, false]);
});

test("sessions have addresses, and a filter stays with the list it was written for", () => {
  for (const address of ["/sessions", "/session/7", "/session/0?filter=a", "/session/7#overview", "/session/7/exchange/7.42?filter=a#timing"]) {
    assert.equal(href(parse(new URL(address, "http://localhost"))), address);
  }
  const at = (address, change) => href(changed(parse(new URL(address, "http://localhost")), change));
  assert.equal(at("/session/7/exchange/7.42?filter=a#timing", { screen: "session", id: "", tab: "" }), "/session/7?filter=a");
  assert.equal(at("/?filter=a", { screen: "session", session: 7 }), "/session/7");
  assert.equal(at("/session/7?filter=a", { screen: "live" }), "/");
  assert.equal(at("/session/7/exchange/7.42?filter=a#timing", { screen: "collections", at: "from/7.42" }), "/collections/from/7.42");
  assert.equal(at("/collections/send/1?against=0.1#body", { screen: "live" }), "/");
  assert.equal(at("/collections/send/1?against=0.1#body", { at: "send/2" }), "/collections/send/2?against=0.1#body");
  assert.equal(at("/session/7#overview", { filter: "status:404", tab: "" }), "/session/7?filter=status:404");
  assert.equal(parse(new URL("/session/x", "http://localhost")).screen, "live");
});

test("the value of a cell is a term that finds it", () => {
  const columns = new Columns();
  const put = (seq, change) => columns.put({ id: `1.${seq}`, seq, kind: "http", source: "proxy", done: true, started_us: 0, method: "GET", scheme: "https", host: "a.test", port: 8443, path: "/p q?x=1", url: "", timings: { end_us: 1_500_400 }, status: 404, content_type: "text/javascript", response_size: 12, messages: 0, grpc_status: null, failure: null, ...change }).slot;
  const terms = (slot) => ["c-check", "c-time", "c-method", "c-st", "c-host", "c-path", "c-type", "c-size", "c-dur", "why"].map((cell) => cellTerm(cell, columns, slot));
  assert.deepEqual(terms(put(1, {})), ["", "", "method:GET", "status:404", "host:a.test", 'path:"/p q"', "type:javascript", "size>=12", "dur>=1500", ""]);
  assert.deepEqual(terms(put(2, { status: null, failure: { reason: "client rejected certificate" }, path: "", content_type: null })).slice(3), ["is:failed", "host:a.test", "", "", "size>=12", "dur>=1500", 'reason:"client rejected certificate"']);
});

test("rules are read as they are written", () => {
  for (const values of [["GET", "POST"], ["/a{1,2}/", "b"], ["/api/", "x y"], ['quote " and , comma'], []]) assert.deepEqual(fromText(toText(values)), values);
  assert.deepEqual(fromText(" json , /v[1,2]\\/a/i,,/api/ "), ["json", "/v[1,2]\\/a/i", "/api/"]);
  assert.deepEqual([limits(DEFAULTS), limits({ ...DEFAULTS, methods: ["GET"], media: true, save_responses: false }), limits(undefined)], [0, 3, 0]);
});

test("the palette finds by beginnings first, then by letters in order", () => {
  assert.deepEqual(best(["Stop", "Export HAR", "What to record", "Unselect all"], (text) => text, "ex"), ["Export HAR"]);
  assert.deepEqual(best(["Unselect", "Select", "Live select"], (text) => text, "sel"), ["Select", "Live select", "Unselect"]);
  assert.deepEqual(best(["What to record", "Pause"], (text) => text, "wtr"), ["What to record"]);
});
