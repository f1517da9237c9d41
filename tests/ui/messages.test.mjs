// The messages of an exchange: which rows there are, what is loaded of them, and what is said of each.

import assert from "node:assert/strict";
import { test } from "node:test";
import { MessagePages } from "../../ui-static/js/messages/pages.js";
import { protobufTree } from "../../ui-static/js/messages/protobuf.js";
import { badges, closing, kindWord, sizeWords, when } from "../../ui-static/js/messages/words.js";
import { jsonText } from "../../ui-static/js/detail/json.js";

/** A daemon with messages 1 to `total`, but for those in `holes`; it looks at `bound` of them per question. */
function daemon(total, { holes = [], bound = Infinity } = {}) {
  const asked = [], state = { total, asked, failing: false };
  const ask = async (query) => {
    asked.push(query);
    await null;
    if (state.failing) throw new Error("gone");
    const { after = 0, limit = 200, sender = "", text = "" } = query, items = [];
    let number = after + 1;
    for (let seen = 0; number <= state.total && items.length < limit && seen < bound; number++, seen++) {
      const item = { number, sender: number % 2 ? "client" : "origin", preview: `message ${number}` };
      if (!holes.includes(number) && (!sender || item.sender === sender) && item.preview.includes(text)) items.push(item);
    }
    return { items, total: state.total - holes.length, next: number > state.total ? null : number - 1 };
  };
  return Object.assign(state, { ask });
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
const preview = (pages, row) => pages.item(row)?.preview;

/** Asks for rows until nothing more arrives, as drawing again and again does. */
async function look(pages, from, to) {
  for (let round = 0; round < 10; round++) {
    pages.want(from, to);
    await settled();
  }
}

test("only the blocks that are looked at are loaded, whatever the number of messages", async () => {
  const { ask, asked } = daemon(60_000), pages = new MessagePages(ask, () => {});
  pages.grew(60_000);
  assert.equal(pages.length, 60_000);
  await look(pages, 59_990, 60_000);
  assert.equal(preview(pages, 59_999), "message 60000");
  assert.equal(pages.item(0), null, "not loaded");
  assert.equal(asked.length, 1);
});

test("blocks far away are given up, and loaded again", async () => {
  const { ask } = daemon(60_000), pages = new MessagePages(ask, () => {});
  pages.grew(60_000);
  for (let row = 0; row < 20_000; row += 200) await look(pages, row, row + 20);
  assert.ok(pages.blocks.size <= 40, String(pages.blocks.size));
  assert.equal(pages.item(0), null);
  await look(pages, 0, 20);
  assert.equal(preview(pages, 0), "message 1");
});

test("new messages are rows at once, and loaded when they are looked at", async () => {
  const source = daemon(150), pages = new MessagePages(source.ask, () => {});
  pages.grew(150);
  await look(pages, 140, 150);
  source.total = 170;
  pages.grew(170);
  assert.equal(pages.length, 170);
  assert.equal(pages.item(160), null);
  await look(pages, 150, 170);
  assert.equal(preview(pages, 169), "message 170");
  assert.equal(source.asked.at(-1).after, 150, "only what is new is asked for");
});

test("a message that was not kept leaves a hole, and nothing is asked for without end", async () => {
  const { ask, asked } = daemon(300, { holes: [7, 299, 300] }), pages = new MessagePages(ask, () => {});
  pages.grew(300);
  await look(pages, 0, 300);
  assert.equal(pages.item(6), undefined, "known to be missing");
  assert.equal(preview(pages, 7), "message 8");
  assert.equal(pages.item(299), undefined);
  assert.equal(asked.length, 2);
});

test("a filter lists its matches, asks on where the daemon stopped, and follows what comes", async () => {
  const source = daemon(5000, { bound: 700 }), pages = new MessagePages(source.ask, () => {});
  pages.grew(5000);
  pages.filter("client", "message 49");
  await settled();
  assert.equal(pages.scanning, false);
  // 49, 490 to 499 and 4900 to 4999, those with odd numbers.
  assert.equal(pages.length, 1 + 5 + 50);
  assert.equal(pages.number(0), 49);
  assert.equal(preview(pages, 1), "message 491");
  assert.equal(pages.row(4999), 55);
  assert.equal(pages.row(4998), -1);
  source.total = 49_000;
  pages.grew(49_000);
  await settled();
  await settled();
  assert.equal(pages.number(56), undefined, "no other match");
  source.total = 49_001;
  pages.grew(49_001);
  await settled();
  assert.equal(pages.number(56), 49_001);
  await look(pages, 50, 57);
  assert.equal(preview(pages, 56), "message 49001");
  pages.filter("", "");
  assert.equal(pages.length, 49_001);
});

test("another filter replaces the one that is still looked for", async () => {
  const source = daemon(5000, { bound: 100 }), pages = new MessagePages(source.ask, () => {});
  pages.grew(5000);
  pages.filter("", "message 1");
  pages.filter("", "message 4999");
  for (let round = 0; round < 20; round++) await settled();
  assert.deepEqual(pages.numbers, [4999]);
  assert.equal(pages.scanning, false);
});

test("an answer to a filter that is gone changes nothing", async () => {
  const source = daemon(500), pages = new MessagePages(source.ask, () => {});
  pages.grew(500);
  pages.filter("client", "");
  pages.filter("", "");
  await settled();
  await look(pages, 0, 20);
  assert.equal(preview(pages, 1), "message 2");
});

test("what could not be loaded is said, and asked for again", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const turns = async () => { for (let n = 0; n < 20; n++) await null; };
  const source = daemon(10), pages = new MessagePages(source.ask, () => {});
  pages.grew(10);
  source.failing = true;
  pages.want(0, 10);
  await turns();
  assert.equal(pages.error, "gone");
  pages.want(0, 10);
  await turns();
  assert.equal(source.asked.length, 1, "not at once");
  source.failing = false;
  context.mock.timers.tick(2000);
  pages.want(0, 10);
  await turns();
  assert.equal(pages.error, "");
  assert.equal(preview(pages, 9), "message 10");
});

const message = (change) => ({ number: 1, sender: "client", kind: "text", at_us: 0, length: 100, wire_length: 100, fragments: 1, compressed: false, state: "complete", event: null, event_id: null, close_code: null, missing: 0, ...change });

test("what is special about a message is said, the gravest first", () => {
  const words = (change) => badges(message(change)).map(({ word }) => word);
  assert.deepEqual(words({}), []);
  assert.deepEqual(words({ compressed: true }), ["compressed"]);
  assert.deepEqual(words({ compressed: true, state: "undecoded" }), ["undecoded"]);
  assert.deepEqual(words({ missing: 3, state: "cut", compressed: true }), ["not kept", "cut", "compressed"]);
  assert.equal(kindWord(message({ kind: "event", event: "order.status" })), "order.status");
  assert.equal(kindWord(message({ kind: "event" })), "event");
  assert.equal(sizeWords(message({ length: 4198, wire_length: 1000, compressed: true, fragments: 3 })), "4.1 KB, 1000 B on the wire, in 3 frames");
});

test("close codes have names, also those that nobody gave one", () => {
  assert.deepEqual([1000, 1006, 3000, 4321, 999, null].map(closing), [
    "1000 normal closure", "1006 abnormal closure", "3000 a registered code", "4321 the application's own code", "999 not a code that may be sent", "without a status code",
  ]);
});

test("times after the start stay exact to a tenth of a second", () => {
  assert.deepEqual([236_000, 12_340_000, 89_970_000, 3_723_000_000].map(when), ["236 ms", "12.3 s", "1:29.9", "1:02:03"]);
});

test("protobuf without a schema is a tree of field numbers, repeated ones kept", () => {
  const tree = protobufTree([
    { number: 1, wire: "varint", value: { uint: "150", sint: "75" } },
    { number: 2, wire: "len", value: { text: "a" } },
    { number: 2, wire: "len", value: { message: [{ number: 1, wire: "i32", value: { uint: "1", float: null } }] } },
    { number: 3, wire: "len", value: { hex: "00ff", length: 2 } },
    { number: 4, wire: "len", value: { hex: "", length: 0 } },
  ]);
  assert.equal(jsonText(tree), '{"1":150,"2":"a","2":{"1":1},"3":00ff,"4":empty}');
  assert.deepEqual(tree.entries.map(([, { aside }]) => aside), ["varint, zigzag 75", undefined, "message", "bytes, 2 B", "bytes, 0 B"]);
});
