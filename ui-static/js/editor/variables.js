// The variables a request uses: what each is now, where that comes from, and a way to set those that are nowhere.

import { changeEnvironment, environment } from "../api-desk.js";
import { button, h, icon } from "../dom.js";
import { visible } from "../format.js";
import { notifyFault } from "../reason.js";
import { askName } from "../sessions/ask.js";
import { notify, store } from "../state.js";
import { tableOf } from "../table-of.js";
import { ownTable } from "./about.js";
import { heading } from "./fields.js";

/** @import { Part } from "./fields.js" */
/** @import { RequestEditor } from "./request.js" */

/** @param {RequestEditor} editor @returns {Part} */
export function variablesPart(editor) {
  const body = h("tbody"), none = h("p", { class: "note" }, icon("info"), "This request uses no variable. One is written as {{name}}, anywhere in it; {{$guid}}, {{$timestamp}} and their like are made anew for every send.");
  const table = tableOf("", ["Name", "Value now", "From"], body);
  const update = () => {
    const { variables = [], unresolved = [] } = editor.preview ?? {}, missing = new Map(unresolved.map(({ name, where }) => [name, where]));
    const name = (/** @type {string} */ text) => h("td", null, h("span", { class: "var mono" }, visible(text)));
    body.replaceChildren(
      ...variables.filter((one) => !missing.has(one.name)).map(({ name: key, value, scope, secret }) => h("tr", null, name(key), h("td", { class: secret ? "mask" : "mono" }, visible(value ?? "")), h("td", null, visible(scope)))),
      ...[...missing].map(([key, where]) => h("tr", null, name(key), h("td", { class: "client" }, icon("s-client", "i12"), ` not set, in ${where}`), h("td", null, button({ icon: "plus", label: `Set ${key}`, word: "Set", class: "tiny", onclick: () => void set(key, editor) })))));
    table.hidden = body.children.length === 0;
    none.hidden = !table.hidden;
  };
  update();
  const own = editor.item ? ownTable(editor) : [];
  return { element: h("div", { class: "scroll body" }, heading("Variables used here", "nearest wins: request, data, environment, collection, global"), table, none, ...own), update };
}

/**
 * Asks for a value and puts it into the active environment, or else among the globals.
 * @param {string} name
 * @param {RequestEditor} editor
 */
async function set(name, editor) {
  const active = store.state.environments.find((one) => one.active), where = active ? visible(active.name) : "the globals", value = await askName(`Set ${name} in ${where}`, "", { label: "Value", optional: true });
  if (value === null) return;
  try {
    const { variables, name: called } = await environment(active?.id ?? null);
    const rest = variables.filter(({ key, disabled }) => key !== name || !disabled).map(({ masked: _, ...one }) => one);
    await changeEnvironment(active?.id ?? null, { ...(active && { name: called }), variables: [...rest, { key: name, value, type: "default" }] });
    notify(`${name} is set in ${where}`);
    editor.changed();
  } catch (error) {
    notifyFault(error, "Not set");
  }
}
