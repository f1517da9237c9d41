// What the page says of certificates, proxies and paired web clients, and which requests begin conversations.

import assert from "node:assert/strict";
import { test } from "node:test";
import { kindOf, optionsOf, orderOf, setOptions } from "../../ui-static/js/conversation/kind.js";
import { proxyWords, sourceWords, standing, usedWords } from "../../ui-static/js/rules/known.js";
import { LEAST, grants, rightWords } from "../../ui-static/js/setup/rights.js";

test("a certificate is warned of a month before its end", () => {
  const now = Date.parse("2026-01-01T00:00:00Z"), word = (until, trouble = null) => standing({ trouble, not_after: until }, now)[2];
  assert.deepEqual(["2026-01-01T05:00:00Z", "2026-01-02T05:00:00Z", "2026-01-30T23:00:00Z", "2026-01-31T00:00:00Z", "2027-01-01T00:00:00Z"].map((until) => word(until)), ["ends today", "1 day left", "29 days left", "valid", "valid"]);
  assert.deepEqual([word("2025-12-01T00:00:00Z", "has expired"), word("2027-01-01T00:00:00Z", "is not valid yet")], ["expired", "not valid yet"]);
});

test("proxies are told without their passwords, and both alike once", () => {
  const http = { url: "http://a.test:3128", username: "ann", password: true }, socks = { url: "socks5h://b.test:1080", username: null, password: false };
  assert.deepEqual([proxyWords(http), proxyWords({ ...http, password: false }), proxyWords(socks), proxyWords(null)], ["http://a.test:3128 as ann, with a password", "http://a.test:3128 as ann", "socks5h://b.test:1080", "none"]);
  assert.equal(sourceWords({ http, https: { ...http }, bypass: [] }), "http://a.test:3128 as ann, with a password");
  assert.equal(sourceWords({ http: null, https: socks, bypass: ["localhost", "10.0.0.0/8"] }), "http:// none; https:// socks5h://b.test:1080; not for localhost, 10.0.0.0/8");
  const used = (used, system = false) => usedWords({ used, system });
  assert.equal(new Set([used("flag"), used("custom"), used("system", true), used("none"), used("none", true)]).size, 5);
});

test("who gets the least reaches the Internet with a jar of its own, and nothing else", () => {
  const [can, cannot] = grants(LEAST);
  assert.equal(can.length, 1);
  assert.match(can[0], /own cookie jar/);
  assert.deepEqual(cannot.slice(0, 2), ["read captured traffic or your cookies", "reach Waylay's own API"]);
  assert.equal(cannot.length, 5);
  const [all, none] = grants({ jar: "default", client_certificates: true, private_addresses: true, metadata_addresses: true });
  assert.deepEqual([all.length, none], [4, ["read captured traffic", "reach Waylay's own API"]]);
  assert.deepEqual([rightWords(LEAST), rightWords({ ...LEAST, jar: "default", metadata_addresses: true })], ["own jar", "default jar, metadata"]);
});

test("a URL of a WebSocket begins one, another one an event stream if it is said", () => {
  const kind = (url, extra) => kindOf({ url, extra });
  assert.deepEqual([kind("ws://a.test"), kind(" WSS://a.test/{{x}}"), kind("https://a.test"), kind("{{base}}/ws"), kind("wsx://a"), kind("https://a.test", { conversation: { kind: "sse" } }), kind("{{base}}/ws", { conversation: { kind: "websocket" } }), kind("ws://a.test", { conversation: { kind: "sse" } })], ["websocket", "websocket", "request", "request", "request", "sse", "websocket", "websocket"]);
});

test("what a draft says of its conversation is what is asked for, and leaves no trace when it says nothing", () => {
  const draft = { url: "wss://a.test", extra: { other: 1 } };
  assert.deepEqual(orderOf(draft, undefined), { kind: "websocket", request: draft, settings: {} });
  setOptions(draft, { ...optionsOf(draft), protocols: ["chat.v2"], reconnect_attempts: 3 });
  assert.deepEqual(orderOf(draft, 7), { kind: "websocket", request: draft, item: 7, protocols: ["chat.v2"], settings: { reconnect_attempts: 3 } });
  draft.url = "https://a.test";
  assert.deepEqual(orderOf(draft), { kind: "sse", request: draft, settings: { reconnect_attempts: 3 } });
  setOptions(draft, {});
  assert.deepEqual(draft.extra, { other: 1 });
});
