// What the page concludes from what the daemon says: addresses, hosts passed through, trouble with the store.

import assert from "node:assert/strict";
import { test } from "node:test";
import { grpcMessage, grpcName } from "../../ui-static/js/grpc.js";
import { storeTrouble } from "../../ui-static/js/notices.js";
import { isPassed, patternOf, whyPassed } from "../../ui-static/js/passthrough.js";
import { countRejections, dismissRejections } from "../../ui-static/js/rejections.js";
import { href, parse } from "../../ui-static/js/route.js";
import { store } from "../../ui-static/js/state.js";

test("every screen has an address, and every address a screen", () => {
  for (const address of ["/", "/?filter=status:5xx+is:failed", "/exchange/7.42", "/exchange/7.42?filter=a#timing", "/exchange/7.42#messages/17", "/collections", "/collections/from/7.42#body", "/collections/send/12?against=0.3", "/collections/environment/3", "/collections/globals", "/collections/settings", "/rules", "/setup", "/sessions"]) {
    assert.equal(href(parse(new URL(address, "http://localhost"))), address);
  }
  const of = (address) => parse(new URL(address, "http://localhost"));
  assert.deepEqual([of("/exchange/7.42#messages/17").message, of("/exchange/7.42#messages/0").message, of("/exchange/7.42#messages/1e9").message, of("/rules").screen], [17, 0, 0, "rules"]);
  assert.equal(href({ ...of("/exchange/7.42#messages/17"), tab: "timing" }), "/exchange/7.42#timing");
});

test("the pattern of a host is what the list takes", () => {
  assert.deepEqual([["a.test", 443], ["a.test", 8443], ["2001:db8::1", 443], ["::1", 8443]].map(([host, port]) => patternOf({ host, port })), ["a.test", "a.test:8443", "[2001:db8::1]", "[::1]:8443"]);
});

const passed = (...patterns) => store.set({ passthrough: { automatic: true, items: patterns.map((pattern) => ({ pattern, origin: "user", added_us: 0, reason: null, rejections: null })) } });

test("a host is passed through by its name, with its port or without", () => {
  passed("A.test", "b.test:443", "c.test:8443");
  assert.deepEqual(["a.test", "a.test:8443", "b.test", "b.test:8443", "c.test", "c.test:8443"].map(isPassed), [true, true, true, false, false, true]);
  store.set({ passthrough: null });
  assert.equal(isPassed("a.test"), false);
});

test("why a host is passed through is a sentence", () => {
  const why = (change) => whyPassed({ pattern: "a", origin: "user", added_us: 0, reason: null, rejections: null, ...change });
  assert.equal(why({ origin: "automatic", rejections: 3 }), "3 connections were refused by the client: it does not trust the certificate.");
  assert.equal(why({ origin: "automatic", rejections: 1 }), "1 connection was refused by the client: it does not trust the certificate.");
  assert.deepEqual([why({}), why({ origin: "flag" }), why({ reason: "said so" })], ["You put it here.", "By a setting or flag of the daemon.", "said so."]);
});

test("rejected certificates are counted once by host, until they are put away or the host is passed through", () => {
  const rejected = (id, host, change = {}) => ({ id, host, port: 443, kind: "tls_failure", started_us: Date.now() * 1000, failure: { reason: "client rejected certificate" }, ...change });
  const told = () => store.state.rejected.map(({ pattern, count }) => `${pattern} ${count}`);
  countRejections([rejected("1.1", "a.test"), rejected("1.2", "b.test"), rejected("1.3", "b.test"), rejected("1.4", "c.test", { failure: { reason: "timeout" } }), rejected("1.5", "d.test", { started_us: 0 })]);
  countRejections([rejected("1.2", "b.test")]);
  assert.deepEqual(told(), ["b.test 2", "a.test 1"]);
  passed("b.test");
  assert.deepEqual(told(), ["a.test 1"]);
  dismissRejections();
  assert.deepEqual(told(), []);
  countRejections([rejected("1.6", "a.test")]);
  assert.deepEqual(told(), ["a.test 1"]);
});

test("trouble with the store is told, by daemons that say more and those that say less", () => {
  const of = (capture, given = {}) => storeTrouble({ ...store.state, status: { store: { shed: 0, shed_bytes: 0, error: null, ...given }, capture: { peak_bytes: 0, ...capture } } });
  assert.deepEqual(of({}), { why: null, lost: "" });
  assert.deepEqual(of({ storing: "ok", shed_rows: 2, shed_bytes: 2048 }), { why: null, lost: "2 records and 2.0 KB of bodies" });
  assert.deepEqual(of({ storing: "paused", why: "the disk is full" }), { why: "the disk is full", lost: "" });
  assert.deepEqual(of({}, { error: "disk I/O error", shed: 1 }), { why: "disk I/O error", lost: "1 record" });
  assert.deepEqual(of({ storing: "failing" }), { why: "", lost: "" });
  assert.deepEqual(storeTrouble({ ...store.state, status: null }), { why: null, lost: "" });
});

test("a gRPC status has a name, and its message is decoded", () => {
  assert.deepEqual([0, 5, 16, 17].map(grpcName), ["OK", "NOT_FOUND", "UNAUTHENTICATED", ""]);
  const of = (value) => grpcMessage({ response: { headers: [], trailers: [{ name: "Grpc-Message", value }] } });
  assert.deepEqual([of("no%20cart%20%C3%A9"), of("100%"), grpcMessage({ response: null })], ["no cart é", "100%", ""]);
});
