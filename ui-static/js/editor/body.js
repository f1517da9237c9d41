// The body of a request: one of several kinds; what was written for another kind is there again when it is chosen again.

import { ApiError } from "../api.js";
import { body as fetchBody } from "../api-exchange.js";
import { files, putFile } from "../api-desk.js";
import { UNASKED } from "../detail/body.js";
import { parseJson } from "../detail/json.js";
import { button, h, icon } from "../dom.js";
import { bytes } from "../format.js";
import { lazy } from "../lazy.js";
import { notifyFault, reasonOf } from "../reason.js";
import { notify } from "../state.js";
import { beautified, pieces } from "./draft.js";
import { FieldTable } from "./field-table.js";
import { choice, field } from "./ink.js";

/** @import { Part } from "./fields.js" */
/** @import { RequestEditor } from "./request.js" */

/** @type {[string, string, Record<string, any>][]} */
const MODES = [
  ["none", "None", {}], ["raw", "Raw", { raw: "", language: "json" }], ["urlencoded", "Form, URL-encoded", { urlencoded: [] }], ["formdata", "Form data", { formdata: [] }],
  ["file", "File", { src: "" }], ["graphql", "GraphQL", { query: "", variables: "", operation_name: "" }],
];
/** @type {[string, string][]} */
const LANGUAGES = [["json", "JSON"], ["text", "Text"], ["xml", "XML"], ["html", "HTML"], ["javascript", "JavaScript"]];

/** @param {string} text */
const note = (text) => h("p", { class: "note grow" }, icon("info"), h("span", { class: "grow" }, text));

/**
 * Puts files into the folder for files.
 * @param {FileList} list
 * @returns {Promise<string[]>} their names there
 */
async function store(list) {
  try {
    for (const file of list) {
      notify(`Copying ${file.name}…`);
      await putFile(file);
    }
    notify("Copied into the folder for files");
    return Array.from(list, ({ name }) => name);
  } catch (error) {
    notifyFault(error, "Not copied");
    return [];
  }
}

/** @param {RequestEditor} editor @returns {Part} */
export function bodyPart(editor) {
  const { draft } = editor, place = h("div", { class: "pane body" }), tools = h("span", { class: "bar" });
  /** @type {Record<string, any>} */
  const written = { [draft.body.mode]: draft.body };
  const modes = h("span", { class: "seg scroll", role: "group", "aria-label": "Kind of body" });
  const pick = (/** @type {string} */ mode) => {
    draft.body = written[mode] ??= { mode, ...structuredClone(MODES.find(([one]) => one === mode)?.[2]) };
    show();
    editor.changed();
  };
  const show = () => {
    /** @type {any} */
    const now = draft.body, kinds = /** @type {[string, string][]} */ ([...(written.captured ? [["captured", "As captured"]] : []), ...(written.bytes ? [["bytes", "Bytes"]] : []), ...MODES]);
    modes.replaceChildren(...kinds.map(([mode, word]) => h("button", { type: "button", "aria-pressed": String(mode === now.mode), onclick: () => pick(mode) }, word)));
    tools.replaceChildren();
    place.replaceChildren(...view(now));
  };
  /** @param {any} now @returns {(Node | string)[]} */
  const view = (now) => {
    const { mode } = now, changed = () => editor.changed();
    if (mode === "none") return [note("No body is sent.")];
    if (mode === "raw") return raw(now);
    if (mode === "urlencoded") return [h("div", { class: "scroll body" }, new FieldTable(now.urlencoded, { what: "field", onchange: changed }).element)];
    if (mode === "formdata") return [h("div", { class: "scroll body" }, h("datalist", { id: "media-types" }, ...["application/json", "text/plain", "image/png", "application/octet-stream"].map((value) => h("option", { value }))), new FieldTable(now.formdata, { what: "part", kind: "form", onchange: changed, store }).element)];
    if (mode === "file") return [file(now)];
    if (mode === "graphql") {
      const element = h("div", { class: "pane body" });
      void lazy(() => import("./graphql.js")).then((part) => part && element.replaceChildren(part.graphql(now, editor)));
      return [element];
    }
    if (mode === "captured") return [h("div", { class: "sub" }, note(`${bytes(now.size ?? 0)} of ${now.exchange}, sent byte for byte.`), button({ word: "Edit as text", class: "line tiny", onclick: () => void asText(now) }))];
    return [note("Bytes that are not text, sent as they are.")];
  };

  /** @param {any} now */
  const raw = (now) => {
    const check = h("span", { class: "dim" });
    const said = () => {
      const json = now.language === "json" && now.raw.trim() && now.raw.length < UNASKED;
      check.textContent = `${bytes(new TextEncoder().encode(now.raw).length)}${json ? (parseJson(now.raw) ? ", valid JSON" : ", not plain JSON") : ""}`;
    };
    const input = h("textarea", { class: "text", "aria-label": "Body", spellcheck: "false", autocomplete: "off", value: now.raw, oninput: () => {
      now.raw = input.value;
      said();
      editor.changed();
    } });
    tools.replaceChildren(check, choice("Language", LANGUAGES, now.language ?? "text", (language) => {
      now.language = language;
      said();
      editor.changed();
    }), button({ word: "Beautify", class: "tiny line", onclick: () => {
      const text = beautified(now.raw, now.language);
      if (text === null) return notify("Not laid out anew: this is not JSON");
      input.value = now.raw = text;
      said();
      editor.changed();
    } }));
    said();
    return [input];
  };

  /** @param {any} now */
  const file = (now) => {
    const name = field("File", now.src, (src) => {
      now.src = src;
      editor.changed();
    }, { list: "stored-files", placeholder: "A file of the folder for files" }), known = h("datalist", { id: "stored-files" });
    void files().then(({ items }) => known.replaceChildren(...items.map(({ name: value }) => h("option", { value }))), () => {});
    const chosen = h("input", { type: "file", class: "sr", "aria-label": "Copy a file into the folder for files", onchange: async () => {
      const [src] = await store(/** @type {FileList} */ (chosen.files));
      if (!src) return;
      name.value = now.src = src;
      editor.changed();
    } });
    return h("div", { class: "bar pad" }, name, known, h("label", { class: "btn line" }, chosen, "Choose a file"));
  };

  /** @param {any} now */
  const asText = async (now) => {
    try {
      const { bytes: got, charset, truncated, error } = await fetchBody(now.exchange, "request", { decoded: true, limit: 8 << 20 });
      if (charset === null || truncated || error) return notify("Not text, too large, or broken: it can only be sent as it is");
      const text = new TextDecoder().decode(got);
      // Whoever wrote it asks for no variable of the user's.
      if (pieces(text).length > 1) return notify("Its {{…}} would be taken for variables: it can only be sent as it is");
      written.raw = { mode: "raw", raw: text, language: "text" };
      pick("raw");
      const coded = draft.headers.find(({ key, disabled }) => key.toLowerCase() === "content-encoding" && !disabled);
      if (!coded) return;
      coded.disabled = true;
      notify("Content-Encoding is switched off: the text is sent as it stands");
    } catch (error) {
      if (error instanceof ApiError) notify(reasonOf(error));
    }
  };

  show();
  return { element: h("div", { class: "pane body" }, h("div", { class: "sub wrap" }, modes, h("span", { class: "grow" }), tools), place) };
}
