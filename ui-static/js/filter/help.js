// The filter language on one sheet.

import { openDialog } from "../dialog.js";
import { h } from "../dom.js";

/** @type {[string, string][]} */
const TERMS = [
  ["cart", "the URL contains it; quotes keep spaces together"],
  ["/v[12]\\/cart/i", "a regular expression, also in host: path: type:"],
  ["method:POST,PUT", "any of these"],
  ["status:404 status:5xx", "a status, or its class"],
  ["host:cdn path:/api/ type:json", "part of the host, the path, the content type"],
  ["size>10k dur>500", "bytes with k, M, G; milliseconds"],
  ["header:x-id=1 cookie:sid", "a header or a cookie, with or without a value"],
  ["body:\"out of stock\"", "words in a body; text: also looks at URL and headers"],
  ["is:failed", "also pending, http, ws, sse, grpc, tunnel, passthrough, pinned, sent, truncated, omitted"],
  ["since:10m before:14:30", "when it began: how long ago, a time, a date, today"],
  ["session:7 id:7.42", "one session, one exchange"],
  ["-host:cdn", "not that"],
  ["status:5xx OR is:failed", "either; parentheses group"],
];

export function showHelp() {
  openDialog({ title: "Filter language", lead: "Terms side by side must all hold. The same in this field, in the API and on the command line.", class: "medium" },
    h("dl", { class: "kv terms" }, ...TERMS.flatMap(([term, what]) => [h("dt", { class: "mono" }, term), h("dd", null, what)])));
}
