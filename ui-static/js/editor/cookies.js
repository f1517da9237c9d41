// The cookies that go with a request, and why the others do not; from which jar, or as they were when it was captured.

import { explain, jars } from "../api-cookies.js";
import { verdicts } from "../cookies/explain.js";
import { masked } from "../detail/secrets.js";
import { h, icon } from "../dom.js";
import { visible } from "../format.js";
import { follow, href } from "../route.js";
import { store } from "../state.js";
import { heading } from "./fields.js";
import { choice } from "./ink.js";

/** @import { Jar } from "../cookies/types.js" */
/** @import { Draft, WhichCookies } from "../api-types.js" */
/** @import { Part } from "./fields.js" */
/** @import { RequestEditor } from "./request.js" */

/**
 * A request as it goes with a choice of cookies: a jar that is chosen is used, and those of then take the place of those written.
 * @param {Draft} request
 * @param {WhichCookies} which
 */
export function withCookies(request, { jar, as_of: past }) {
  if (jar === "default" && past === undefined) return { request };
  const { headers = [], without = [] } = request;
  return { cookies: { jar, as_of: past }, request: { ...request, without: without.filter((name) => name !== "cookie"), headers: past ? headers.filter(({ key }) => key.toLowerCase() !== "cookie") : headers } };
}

/** @param {RequestEditor} editor @returns {Part} */
export function cookiesPart(editor) {
  const { from } = editor, jar = h("span"), said = h("div"), lines = h("div");
  const then = h("input", { type: "checkbox", checked: editor.cookies.as_of !== undefined, onchange: () => change({ as_of: then.checked ? from : undefined }) });
  /** @type {Jar[]} */
  let known = [];
  const change = (/** @type {Partial<WhichCookies>} */ to) => {
    Object.assign(editor.cookies, to);
    editor.changed();
  };
  let asking = new AbortController();
  const update = async () => {
    const { preview, draft: { without }, cookies: { jar: chosen, as_of: past } } = editor, left = chosen === "default" && without.includes("cookie"), field = preview?.headers.find(({ key }) => key.toLowerCase() === "cookie");
    said.replaceChildren(h("dl", { class: "kv wire" }, h("dt", null, "Cookie"), h("dd", null, ...(field ? masked("cookie", visible(field.value)) : [h("span", { class: "dim" }, "none is sent")]), field && !field.automatic && h("span", { class: "dim" }, "  with what is written in Headers"))));
    asking.abort();
    const { signal } = (asking = new AbortController()), of = chosen === "default" ? known.find((one) => one.default)?.id : chosen;
    if (!preview?.url || past || left || of === undefined || of === "none") return lines.replaceChildren(past || left ? h("p", { class: "note" }, icon("info"), past ? `The cookies are as they were at ${past}.` : "Cookies go as they are written in Headers: choose a jar to add its own.") : "");
    const found = await explain(of, { url: preview.url, method: preview.method }, signal).catch(() => null);
    if (found) lines.replaceChildren(verdicts(found));
  };
  void jars().then(({ items }) => {
    const written = editor.draft.without.includes("cookie");
    known = items;
    jar.replaceChildren(choice("Jar", [["default", written ? "As written" : "The default jar"], ...items.filter((one) => written || !one.default).map(({ id, name }) => /** @type {[string, string]} */ ([String(id), visible(name)])), ["none", "No cookies"]], String(editor.cookies.jar), (value) => change({ jar: value === "default" || value === "none" ? value : Number(value) })));
    void update();
  }, () => {});
  const all = { screen: /** @type {const} */ ("cookies"), at: "", tab: "", against: "", filter: "" };
  return { element: h("div", { class: "scroll body" }, heading("Cookies", "that will be sent, and why", from !== "" && h("label", { class: "check" }, then, `As then, at ${from}`), jar, follow(h("a", { class: "btn tiny", href: href({ ...store.state.route, ...all }) }, "Manage"), () => all)), said, lines), update: () => void update() };
}
