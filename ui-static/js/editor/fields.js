// The parts of a request that are names and values: query and path, headers.

import { isSecret, masked } from "../detail/secrets.js";
import { button, h, icon } from "../dom.js";
import { visible } from "../format.js";
import { openMenu } from "../popover.js";
import { pathNames, withQuery } from "./draft.js";
import { FieldTable } from "./field-table.js";

/** @import { RequestEditor } from "./request.js" */

/** @typedef {{ element: HTMLElement, update?: () => void }} Part `update`: the draft was changed elsewhere, or what would be sent is known anew */

/** @param {string} word @param {string} [aside] @param {...(Node | false)} more */
export const heading = (word, aside = "", ...more) => h("div", { class: "sub" }, h("h3", null, word), h("span", { class: "dim" }, aside), h("span", { class: "grow" }), ...more);

/** @param {RequestEditor} editor @returns {Part} */
export function paramsPart(editor) {
  const query = new FieldTable(editor.draft.query, { what: "parameter", onchange: () => editor.setUrl(withQuery(editor.draft.url, editor.draft.query)) });
  const path = new FieldTable([], { what: "path variable", kind: "fixed", onchange: () => editor.changed() });
  const section = h("div", null, heading("Path variables", "segments written as :name"), path.element);
  const update = () => {
    const { draft } = editor, names = pathNames(draft.url);
    if (draft.query !== query.rows) query.show(draft.query);
    section.hidden = names.length === 0;
    if (names.join() === path.rows.map(({ key }) => key).join()) return;
    const rows = names.map((key) => draft.path_variables.find((known) => known.key === key) ?? { key, value: "" });
    draft.path_variables.push(...rows.filter((row) => !draft.path_variables.includes(row)));
    path.show(rows);
  };
  update();
  return { element: h("div", { class: "scroll body" }, heading("Query", "as in the URL"), query.element, section), update };
}

/** Fields that are often written by hand. */
const PRESETS = [["Accept", "application/json"], ["Content-Type", "application/json"], ["Authorization", "Bearer {{token}}"], ["Accept-Language", "en"], ["If-None-Match", "*"], ["Origin", "{{base}}"], ["X-Requested-With", "XMLHttpRequest"], ["Prefer", "return=minimal"]];
const NAMES = "Accept Accept-Encoding Accept-Language Authorization Cache-Control Content-Encoding Content-Type Cookie Expect Forwarded If-Match If-Modified-Since If-None-Match Origin Pragma Range Referer TE User-Agent X-Forwarded-For X-Request-ID".split(" ");

/** @param {RequestEditor} editor @returns {Part} */
export function headersPart(editor) {
  const table = new FieldTable(editor.draft.headers, { what: "header", names: "header-names", secret: ({ key }) => isSecret(key), onchange: () => editor.changed() });
  const presets = button({ icon: "plus", word: "Presets", class: "tiny", onclick: () => {
    openMenu(presets, "Presets", PRESETS.map(([key, value]) => ["", `${key}: ${value}`, () => {
      editor.draft.headers.push({ key, value });
      table.show();
      editor.changed();
    }, "mono"]));
  } });
  const automatic = h("div");
  const update = () => {
    const { draft: { without }, preview } = editor, sent = preview?.headers.filter((field) => field.automatic) ?? [];
    const switchTo = (/** @type {string} */ key, /** @type {boolean} */ off) => () => {
      editor.draft.without = off ? [...without, key.toLowerCase()] : without.filter((name) => name !== key.toLowerCase());
      update();
      editor.changed();
    };
    automatic.replaceChildren(h("dl", { class: "kv wire auto" },
      ...sent.filter(({ key }) => !without.includes(key.toLowerCase())).flatMap(({ key, value, removable }) => [h("dt", null, visible(key)), h("dd", null, h("span", { class: "grow" }, ...(isSecret(key) ? masked(key, value) : [visible(value)])), removable ? button({ icon: "x", label: `Do not send ${key}`, class: "tiny", onclick: switchTo(key, true) }) : h("span", { class: "dim" }, "always sent"))]),
      ...without.flatMap((key) => [h("dt", { class: "off" }, visible(key)), h("dd", null, h("span", { class: "grow dim" }, "not sent"), button({ label: `Send ${key} again`, word: "Restore", class: "tiny", onclick: switchTo(key, false) }))])));
    if (!preview) automatic.prepend(h("p", { class: "note" }, icon("info"), "What is added by itself is known once there is a URL."));
  };
  update();
  const names = h("datalist", { id: "header-names" }, ...NAMES.map((value) => h("option", { value })));
  return { element: h("div", { class: "scroll body" }, heading("Headers", "an own one wins over an automatic one", presets), table.element, names, heading("Automatic", "added when it is sent"), automatic), update };
}
