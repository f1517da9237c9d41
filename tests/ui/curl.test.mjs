// Copy as curl: whatever was captured reaches curl as the same words, and the shell as nothing else.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { curl, quote } from "../../ui-static/js/editor/curl.js";

/** The words that `command` gives to curl, as a real shell reads it. */
function words(command) {
  const script = `curl() { printf '%s\\0' "$@"; }\n${command}`;
  return execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1);
}

const exchange = (change = {}) => ({
  id: "7.42", kind: "http", method: "GET", url: "https://example.com/a", host: "example.com", port: 443,
  request: { line: "", headers: [], trailers: [], body: { size: 0, stored: 0, end: "complete", gaps: [] } },
  ...change,
});
const request = (headers, size = 0) => ({ line: "", headers, trailers: [], body: { size, stored: size, end: "complete", gaps: [] } });

test("hostile text stays text", () => {
  for (const text of ["", "it's", "$(rm -rf /)", "`x`", "a\nb", "\\'", "'; touch /tmp/x; '", "-o", "é\u0007", '"', "*", "~", "a  b", "!!"]) {
    assert.deepEqual(words(`curl ${quote(text)}`), [text]);
  }
});

test("the request comes out as it was", () => {
  const headers = [{ name: "Host", value: "example.com" }, { name: "X-It's", value: "$(id) 'q'" }, { name: "X-Empty", value: "" }, { name: "Content-Length", value: "9" }];
  const made = words(curl(exchange({ method: "POST", url: "https://example.com/?q='$(id)", request: request(headers, 9) }), "@file\n'x'"));
  assert.deepEqual(made, ["https://example.com/?q='$(id)", "-H", "X-It's: $(id) 'q'", "-H", "X-Empty;", "--data-raw", "@file\n'x'"]);
});

test("what curl would read in its own way is switched off", () => {
  assert.ok(words(curl(exchange({ url: "https://example.com/[1-9]{a,b}" }), "")).includes("--globoff"));
  assert.ok(words(curl(exchange({ url: "https://example.com/a/../b" }), "")).includes("--path-as-is"));
  assert.deepEqual(words(curl(exchange({ method: "HEAD" }), "")), ["https://example.com/a", "--head"]);
  assert.deepEqual(words(curl(exchange({ method: "DELETE" }), "")).slice(1), ["-X", "DELETE"]);
});

test("fields that no command line can hold are left out", () => {
  const headers = [{ name: "a\r\nb", value: "x" }, { name: "X-A", value: "1\r\nX-B: 2" }, { name: "X-Bytes", value: "caf\ufffd", bytes: "Y2Fm6Q==" }, { name: "X-Ok", value: "1" }];
  assert.deepEqual(words(curl(exchange({ request: request(headers) }), "")).slice(1), ["-H", "X-Ok: 1"]);
});

test("a body that is not text is piped from the store", () => {
  const made = curl(exchange({ method: "PUT", request: request([], 3) }), null);
  assert.match(made, /^waylay body 7\.42 --request --raw \| curl /);
  assert.match(made, /--data-binary @-$/);
});
