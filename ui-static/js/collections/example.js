// A response that was kept with a request, as an example of what comes back.

import { changeItem } from "../api-collections.js";
import { hexView, textView } from "../detail/raw-views.js";
import { headers } from "../detail/headers.js";
import { parseJson } from "../detail/json.js";
import { indentedMarkup } from "../detail/markup.js";
import { Views } from "../detail/views.js";
import { button, h } from "../dom.js";
import { field } from "../editor/ink.js";
import { bytes, visible } from "../format.js";
import { go } from "../route.js";
import { outcome, outcomeMark } from "../table/outcome.js";
import { crumbs } from "./crumbs.js";
import { changing } from "./known.js";

/** @import { ExampleBody, ExampleModel, ItemDetail } from "./types.js" */

/** @param {ItemDetail} found */
export function exampleView(found) {
  const { id } = found, model = /** @type {ExampleModel} */ (found.item), { request, status, reason = "", time_ms: took, from } = model;
  const name = field("Name of this example", model.name, (text) => {
    model.name = text;
    save.hidden = false;
  }, { class: "field inline name", maxlength: 200 });
  const save = button({ icon: "check", word: "Save", class: "line", onclick: async () => {
    if ((await changing(changeItem(id, model), "Saved")) !== null) save.hidden = true;
  } });
  save.hidden = true;
  const fields = (model.headers ?? []).map(({ key, value }) => ({ name: key, value }));
  const { views, size } = bodyViews(model.body ?? { mode: "none" }, model.language ?? "");
  const captured = from && button({ icon: "live", label: `Open the exchange it was made from, ${from}`, word: from, class: "tiny", onclick: () => go({ screen: "exchange", session: null, id: from, tab: "response" }) });
  return h("section", { class: "pane editor", "aria-label": "Example" },
    h("div", { class: "sub" }, button({ icon: "back", label: "Collections", class: "tiny only-s", onclick: () => document.querySelector(".coll")?.classList.add("listing") }), crumbs(found), name, h("span", { class: "tag" }, "example"), h("span", { class: "grow" }), captured, save),
    request && h("div", { class: "bar pad durl" }, h("span", { class: "m", "data-method": request.method ?? "GET" }, visible(request.method ?? "GET")), h("span", { class: "grow" }, visible(request.url))),
    h("div", { class: "scroll body", tabindex: 0, "aria-label": "Example" },
      h("div", { class: "sub ruled" }, h("h2", null, "Response"), status ? outcomeMark(outcome({ kind: "http", status, done: true, failed: false }), reason && ` ${visible(reason)}`) : h("span", { class: "dim" }, "no status"), took !== null && took !== undefined && h("span", { class: "dim" }, `${Math.round(took)} ms`)),
      ...headers({ title: "Headers", fields, what: "the headers" }),
      h("div", { class: "sub ruled wrap" }, h("h2", null, "Body"), h("span", { class: "dim" }, size), h("span", { class: "grow" }), views.choice), views.content), views.bar);
}

/** @param {ExampleBody} body @param {string} language */
function bodyViews(body, language) {
  const views = new Views("View the body as");
  if (body.mode === "none") return { views, size: "none" };
  if (body.mode === "bytes") {
    const raw = Uint8Array.from(atob(body.base64), (char) => char.charCodeAt(0));
    views.offer([["Hex", () => hexView(raw, 16)]]);
    return { views, size: bytes(raw.length) };
  }
  const { text } = body, tree = parseJson(text);
  views.offer([...(tree ? [/** @type {[string, () => Node]} */ (["Tree", () => views.tree(tree, "Example body")])] : /xml|html/.test(language) ? [/** @type {[string, () => Node]} */ (["Pretty", () => textView(indentedMarkup(text))])] : []), ["Raw", () => textView(text)]]);
  return { views, size: bytes(new TextEncoder().encode(text).length) };
}
