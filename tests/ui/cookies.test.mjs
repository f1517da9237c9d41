// What the page says of cookies by itself: which domain stands under which, when one ends, how a server would set it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { nested } from "../../ui-static/js/cookies/domains.js";
import { ends, flags, fromNow, setCookie } from "../../ui-static/js/cookies/words.js";
import { withCookies } from "../../ui-static/js/editor/cookies.js";
import { href, parse } from "../../ui-static/js/route.js";

test("a domain stands behind the nearest one above it, and nowhere else", () => {
  const lines = (...domains) => nested(domains.map((domain) => ({ domain, cookies: 1, synced: false }))).map(({ domain, depth }) => `${depth} ${domain}`);
  assert.deepEqual(lines("www.b.test", "shop.a.test", "b.test", "x.shop.a.test", "a.test", "aa.test", "localhost", "[::1]"), ["0 [::1]", "0 a.test", "1 shop.a.test", "2 x.shop.a.test", "0 aa.test", "0 b.test", "1 www.b.test", "0 localhost"]);
  assert.deepEqual(lines("api.a.test", "shop.a.test"), ["0 api.a.test", "0 shop.a.test"]);
  assert.deepEqual(lines(), []);
});

test("when a cookie ends is told from now", () => {
  const in_ = (seconds) => (Date.now() / 1000 + seconds) * 1e6;
  assert.deepEqual([29.2 * 86_400, 5400.5, 400 * 86_400, -240, 0.2].map((seconds) => fromNow(in_(seconds))), ["in 29 days", "in 2 hr.", "in 1 yr.", "4 min. ago", "in 0 sec."]);
  assert.equal(fromNow(in_(-240), true), "4m ago");
  assert.deepEqual([ends({ expires_us: null }), ends({ expires_us: in_(-240) })], ["Session", "expired 4 min. ago"]);
});

const cookie = { id: 1, name: "sid", value: "a=b", value_length: 3, domain: "a.test", host_only: true, path: "/", secure: false, http_only: false, same_site: null, partition: null, expires_us: null, created_us: 0, changed_us: 0, source: "user", guessed: false, exchange: null, size: 6 };

test("a cookie is written as a server would set it", () => {
  for (const [change, text] of [
    [{}, "sid=a=b; Path=/"],
    [{ host_only: false, secure: true, http_only: true, same_site: "lax", path: "/x" }, "sid=a=b; Domain=a.test; Path=/x; Secure; HttpOnly; SameSite=Lax"],
    [{ expires_us: 1_798_761_600_000_000, partition: "https://b.test", secure: true, same_site: "none" }, "sid=a=b; Path=/; Expires=Fri, 01 Jan 2027 00:00:00 GMT; Secure; SameSite=None; Partitioned"],
    [{ name: "" }, "a=b; Path=/"],
    [{ value: "" }, "sid=; Path=/"],
  ]) assert.equal(setCookie({ ...cookie, ...change }), text);
  assert.deepEqual([flags(cookie), flags({ ...cookie, secure: true, http_only: true, partition: "https://b.test" })], ["", "Secure HttpOnly Partitioned"]);
});

test("a jar, a domain of it and a cookie have an address", () => {
  for (const address of ["/cookies", "/cookies/2", "/cookies/2?domain=api.a.test#17", "/cookies?domain=%5B::1%5D", "/session/7#cookies"]) assert.equal(href(parse(new URL(address, "http://localhost"))), address);
  const { screen, at, filter, tab } = parse(new URL("/cookies/2?domain=a.test&filter=x#17", "http://localhost"));
  assert.deepEqual([screen, at, filter, tab], ["cookies", "2", "a.test", "17"]);
});

test("a jar that is chosen is used, and cookies of then take the place of those written", () => {
  const request = { url: "https://a.test/", headers: [{ key: "Cookie", value: "a=1" }, { key: "x", value: "y" }], without: ["cookie", "accept"] };
  assert.deepEqual(withCookies(request, { jar: "default" }), { request });
  for (const [which, headers] of [[{ jar: 2, as_of: undefined }, ["Cookie", "x"]], [{ jar: "none", as_of: undefined }, ["Cookie", "x"]], [{ jar: "default", as_of: "7.42" }, ["x"]]]) {
    const { request: sent, cookies } = withCookies(request, which);
    assert.deepEqual([cookies, sent.headers.map(({ key }) => key), sent.without], [which, headers, ["accept"]]);
  }
  assert.equal(request.headers.length, 2);
});
