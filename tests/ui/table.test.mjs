// The rows of the table: kept in order however they arrive, sorted, and given back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, duration, span, visible } from "../../ui-static/js/format.js";
import { Columns } from "../../ui-static/js/table/columns.js";
import { Order } from "../../ui-static/js/table/order.js";
import { outcome } from "../../ui-static/js/table/outcome.js";
import { phases } from "../../ui-static/js/table/phases.js";
import { sortByText } from "../../ui-static/js/table/texts.js";

const summary = (seq, change = {}) => ({
  id: `7.${seq}`, seq, kind: "http", source: "proxy", done: true, started_us: seq * 1000, method: "GET", scheme: "https", host: "example.com", port: 443, path: `/${seq}`,
  timings: { ready_us: 1, head_us: 2, end_us: 3, dns_us: null, connect_us: null, tls_us: null }, status: 200, content_type: "text/html", response_size: seq, truncated: false, failure: null, ...change,
});

test("rows stand in order of beginning, whatever order they arrive in", () => {
  const columns = new Columns(), order = new Order(columns);
  const arriving = Array.from({ length: 3000 }, (_, n) => ((n * 7919) % 3000) + 1);
  for (let at = 0; at < arriving.length; at += 37) order.insert(arriving.slice(at, at + 37).map((seq) => columns.put(summary(seq)).slot));
  assert.deepEqual(Array.from(order.slots.subarray(0, order.length), (slot) => columns.numbers.seq[slot]), Array.from({ length: 3000 }, (_, n) => n + 1));
  assert.equal(columns.id(columns.find("7.42")), "7.42");
  assert.deepEqual(columns.range, { oldest: 1, newest: 3000 });
});

test("a changed row keeps its place, and its counts follow", () => {
  const columns = new Columns(), order = new Order(columns), failure = { side: "upstream", stage: "dns", reason: "dns", message: "" };
  order.insert([columns.put(summary(1, { done: false })).slot, columns.put(summary(2)).slot]);
  assert.deepEqual([columns.open, columns.failed], [1, 0]);
  assert.equal(columns.put(summary(1, { failure })).added, false);
  assert.deepEqual([columns.open, columns.failed, columns.length], [0, 1, 2]);
  order.remove(new Set([columns.slotOf(1)]));
  columns.drop(columns.slotOf(1));
  assert.deepEqual([columns.failed, columns.length, order.length], [0, 1, 1]);
  assert.equal(columns.put(summary(3)).slot, 0, "the slot is used again");
});

test("texts are sorted as by comparing them, and those that are the same stay in order", () => {
  // Few and many, alike for long and at once different, letters of all widths, ends and NULs.
  const alphabets = ["ab", "ab\0~\x7f", "aé\uffff😀", "/v2-"];
  let seed = 7;
  const some = (many) => (seed = (seed * 48271) % 2147483647) % many;
  for (let round = 0; round < 200; round++) {
    const letters = alphabets[round % 4], start = "/the/same/".repeat(some(3));
    const texts = Array.from({ length: some(400) }, () => start + Array.from({ length: some(14) }, () => letters[some(letters.length)]).join(""));
    const slots = Int32Array.from(texts.keys()).filter(() => some(9) > 0), wanted = Array.from(slots).sort((a, b) => (texts[a] < texts[b] ? -1 : texts[a] > texts[b] ? 1 : a - b));
    sortByText(slots, texts);
    assert.deepEqual(Array.from(slots), wanted, JSON.stringify(texts));
  }
});

test("sorting is stable, turns round exactly, and sees what changed", () => {
  const columns = new Columns(), order = new Order(columns);
  order.insert([[3, 5], [2, 3], [1, 5], [4, 1]].map(([seq, size]) => columns.put(summary(seq, { response_size: size })).slot));
  const seqs = () => Array.from(order.slots.subarray(0, order.length), (slot) => columns.numbers.seq[slot]);
  order.sort("size", false);
  assert.deepEqual(seqs(), [4, 2, 1, 3]);
  order.sort("size", true);
  assert.deepEqual(seqs(), [3, 1, 2, 4]);
  columns.put(summary(4, { response_size: 9 }));
  order.touch();
  order.sort("size", false);
  assert.deepEqual(seqs(), [2, 1, 3, 4]);
});

test("what was sorted ahead is not used once rows have changed", () => {
  const columns = new Columns(), order = new Order(columns);
  order.insert([[3, "/b"], [1, "/b"], [2, "/a"]].map(([seq, path]) => columns.put(summary(seq, { path })).slot));
  const paths = () => { order.sort("path", false); return Array.from(order.slots.subarray(0, order.length), (slot) => columns.numbers.seq[slot]); };
  order.prepare();
  assert.deepEqual(paths(), [2, 1, 3]);
  columns.put(summary(2, { path: "/c" }));
  assert.deepEqual(paths(), [1, 3, 2]);
  order.remove(new Set([columns.slotOf(1)]));
  columns.drop(columns.slotOf(1));
  assert.deepEqual(paths(), [3, 2]);
  columns.clear();
  order.clear();
  assert.deepEqual(paths(), []);
});

test("phases fill the time without a gap", () => {
  const all = phases({ ready: 70, head: 300, end: 310, dns: 10, connect: 20, tls: 30 }, 999);
  assert.deepEqual(all.map(({ name }) => name), ["queue", "dns", "connect", "tls", "wait", "receive"]);
  all.forEach(({ from }, at) => assert.equal(from, at ? all[at - 1].to : 0));
  assert.equal(all.at(-1).to, 310);
  assert.deepEqual(phases({ ready: NaN, head: NaN, end: 204, dns: 204, connect: NaN, tls: NaN }, 0), [{ name: "dns", from: 0, to: 204 }]);
  assert.deepEqual(phases({ ready: 5, head: NaN, end: NaN, dns: NaN, connect: NaN, tls: NaN }, 50).at(-1), { name: "wait", from: 5, to: 50 });
});

test("every outcome has a shape and a word of its own", () => {
  const of = (kind, status, done = true, failed = false, more = {}) => Object.values(outcome({ kind, status, done, failed, ...more })).slice(1).join(" ");
  const all = [of("http", 200), of("http", 304), of("http", 404), of("http", 503), of("http", 200, true, true), of("http", 0, false), of("sse", 200, false), of("websocket", 101, false), of("tunnel", 0),
    of("tunnel", 0, true, false, { passed: true }), of("pinned", 0), of("pinned", 0, true, true), of("grpc", 200), of("grpc", 200, true, false, { grpc: 5 }), of("grpc", 200, true, false, { grpc: 14 })];
  assert.deepEqual(all, ["s-ok 200", "s-redirect 304", "s-client 404", "s-server 503", "s-failed failed", "s-pending pending", "s-stream 200", "s-ws 101", "s-pass tunnel",
    "s-pass passed", "s-pinned pinned", "s-pinned pinned", "s-ok 200", "s-client grpc 5", "s-server grpc 14"]);
});

test("numbers read as people write them", () => {
  assert.deepEqual([0, 612, 1023, 1024, 4198, 421888, 23488102].map(bytes), ["0 B", "612 B", "1023 B", "1.0 KB", "4.1 KB", "412 KB", "22.4 MB"]);
  assert.deepEqual([0, 240, 1300, 236_000, 999_900, 1_280_000, 61_000_000].map(duration), ["0 ms", "0.24 ms", "1.3 ms", "236 ms", "1.00 s", "1.28 s", "1 min 01 s"]);
  assert.deepEqual([0, 872e6, 11_220e6, 190_000e6].map(span), ["0 s", "14 min 32 s", "3 h 07 min", "2 d 4 h"]);
  assert.equal(visible("a\u202enp\u0000"), "a\\u202enp\\u0000");
});
