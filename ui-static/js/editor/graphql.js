// A GraphQL operation, and the schema it is written for.

import { ApiError } from "../api.js";
import { send } from "../api-desk.js";
import { body as fetchBody } from "../api-exchange.js";
import { button, h, icon } from "../dom.js";
import { plural, visible } from "../format.js";
import { notify } from "../state.js";
import { operations, outgoing } from "./draft.js";
import { field } from "./ink.js";

/** @import { RequestEditor } from "./request.js" */

/** @typedef {{ kind: string, name: string | null, ofType?: TypeRef | null }} TypeRef */
/** @typedef {{ name: string, kind: string, description?: string | null, fields?: { name: string, args: { name: string, type: TypeRef }[], type: TypeRef, isDeprecated?: boolean }[] | null, inputFields?: { name: string, type: TypeRef }[] | null, enumValues?: { name: string }[] | null }} SchemaType */

/** Nested as deep as list and non-null can be. */
const TYPE = "kind name ofType{kind name ofType{kind name ofType{kind name ofType{kind name}}}}";
const QUESTION = `query Schema{__schema{queryType{name}mutationType{name}subscriptionType{name}types{kind name description fields(includeDeprecated:true){name isDeprecated args{name type{${TYPE}}}type{${TYPE}}}inputFields{name type{${TYPE}}}enumValues{name}}}}`;
/** Bytes of an answer, and types shown at a time. */
const LARGEST = 32 << 20, MOST = 200;

/** Schemas by URL, as long as the page lives. @type {Map<string, SchemaType[]>} */
const schemas = new Map();

/**
 * @param {any} body the part of the draft, changed in place
 * @param {RequestEditor} editor
 */
export function graphql(body, editor) {
  const area = (/** @type {string} */ label, /** @type {string} */ name, /** @type {string} */ placeholder) => {
    const input = h("textarea", { class: "text", "aria-label": label, placeholder, spellcheck: "false", value: body[name] ?? "", oninput: () => {
      body[name] = input.value;
      if (name === "query") offer();
      editor.changed();
    } });
    return input;
  };
  const names = h("datalist", { id: "operations" }), offer = () => names.replaceChildren(...operations(body.query).map((value) => h("option", { value })));
  const operation = field("Operation", body.operation_name ?? "", (name) => {
    body.operation_name = name;
    editor.changed();
  }, { list: "operations", placeholder: "Operation, if there are several" });
  const wanted = field("Find a type or field", "", () => show(), { type: "search", placeholder: "Find a type or field" });
  const list = h("div", { class: "scroll body", tabindex: 0, "aria-label": "Types of the schema" }), schema = h("div", { class: "pane gqlschema" }, h("div", { class: "sub" }, wanted), list);
  const show = () => {
    const types = schemas.get(editor.draft.url);
    schema.hidden = !types;
    list.replaceChildren(...(types ? shown(types, wanted.value) : []));
  };
  const fetch = button({ icon: "import", word: "Fetch schema", class: "tiny line", onclick: async () => {
    fetch.disabled = true;
    try {
      const types = await ask(editor);
      // An answer may be anything: what cannot be shown is not kept.
      shown(types, "");
      schemas.set(editor.draft.url, types);
      show();
    } catch (error) {
      notify(`No schema: ${error instanceof Error ? visible(error.message) : "the answer is none"}`);
    } finally {
      fetch.disabled = false;
    }
  } });
  offer();
  show();
  return h("div", { class: "pane body gql" }, h("div", { class: "bar pad" }, operation, names, fetch), h("div", { class: "gqlsplit" }, h("div", { class: "pane" }, area("Query", "query", "query { … }"), h("div", { class: "sub ruled" }, h("h3", null, "Variables"), h("span", { class: "dim" }, "a JSON object")), area("Variables", "variables", "{}")), schema));
}

/** Sends the question about the schema with this request's own headers and settings. @param {RequestEditor} editor @returns {Promise<SchemaType[]>} */
async function ask(editor) {
  const { id, error } = await send({ request: { ...outgoing(editor.draft), body: { mode: "graphql", query: QUESTION, operation_name: "Schema" } } });
  if (error || !id) throw new Error(error?.message ?? "there was no answer");
  const { bytes } = await fetchBody(id, "response", { decoded: true, limit: LARGEST });
  let answer;
  try {
    answer = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new ApiError(0, "the answer is not JSON");
  }
  const types = answer?.data?.__schema?.types;
  if (!Array.isArray(types)) throw new Error(String(answer?.errors?.[0]?.message ?? "the answer holds none"));
  const roots = ["queryType", "mutationType", "subscriptionType"].map((name) => answer.data.__schema[name]?.name);
  return types.filter((type) => typeof type?.name === "string" && !type.name.startsWith("__")).sort((a, b) => Number(roots.includes(b.name)) - Number(roots.includes(a.name)) || a.name.localeCompare(b.name));
}

/** @param {TypeRef} type @returns {string} As it is written: `[Item!]!`. */
export const typeText = ({ kind, name, ofType }) => (kind === "NON_NULL" && ofType ? `${typeText(ofType)}!` : kind === "LIST" && ofType ? `[${typeText(ofType)}]` : name ?? "?");

/** @param {SchemaType[]} types @param {string} wanted */
function shown(types, wanted) {
  const text = wanted.trim().toLowerCase(), lines = (/** @type {SchemaType} */ { fields, inputFields, enumValues }) => [
    ...(fields ?? []).map(({ name, args, type, isDeprecated }) => `${name}${args.length ? `(${args.map((arg) => `${arg.name}: ${typeText(arg.type)}`).join(", ")})` : ""}: ${typeText(type)}${isDeprecated ? "  deprecated" : ""}`),
    ...(inputFields ?? []).map(({ name, type }) => `${name}: ${typeText(type)}`), ...(enumValues ?? []).map(({ name }) => name),
  ];
  const found = types.map((type) => ({ type, all: lines(type) })).filter(({ type, all }) => !text || type.name.toLowerCase().includes(text) || all.some((line) => line.toLowerCase().includes(text)));
  return [
    h("p", { class: "note" }, icon("info"), `${plural(found.length, "type")}${found.length > MOST ? `, the first ${MOST} of them` : ""}`),
    ...found.slice(0, MOST).map(({ type, all }, at) => h("details", { open: (text !== "" && found.length < 12) || (!text && at === 0) }, h("summary", null, h("b", null, visible(type.name)), h("span", { class: "dim" }, ` ${type.kind.toLowerCase().replace("_", " ")}`)),
      h("ul", { class: "mono" }, ...all.filter((line) => !text || type.name.toLowerCase().includes(text) || line.toLowerCase().includes(text)).map((line) => h("li", null, visible(line)))))),
  ];
}
