// The variables of an environment, or the globals.

import { changeEnvironment, environment, exportUrl, removeEnvironment } from "../api-desk.js";
import { askSure } from "../dialog.js";
import { button, h, icon } from "../dom.js";
import { visible } from "../format.js";
import { FieldTable } from "../editor/field-table.js";
import { field } from "../editor/ink.js";
import { reasonOf, saying } from "../reason.js";
import { go } from "../route.js";
import { store } from "../state.js";
import { choose, refreshEnvironments } from "./known.js";

/** @import { Environment } from "../api-types.js" */

/** @param {number | null} id `null`: the globals @returns {HTMLElement} */
export function environmentEditor(id) {
  const inside = h("div", { class: "scroll body" }), element = h("section", { class: "pane editor", "aria-label": "Environment" }, inside);
  void environment(id).then((found) => element.replaceChildren(...parts(id, found)), (error) => inside.replaceChildren(h("p", { class: "note" }, reasonOf(error))));
  return element;
}

/** @param {number | null} id @param {Environment} found @returns {Node[]} */
function parts(id, found) {
  const rows = found.variables;
  let { name } = found;
  const tag = h("span", { class: "tag warn", hidden: true }, "unsaved");
  const changed = () => {
    tag.hidden = false;
    save.disabled = false;
  };
  const was = new Map(rows.map((row) => [row, row.key]));
  /** Fetches the values of secrets that are hidden. @param {typeof rows} hidden */
  const unmask = async (hidden) => {
    const shown = hidden.length > 0 && (await saying(environment(id, true), ""));
    for (const row of hidden) row.value = (shown && shown.variables.find(({ key }) => key === was.get(row))?.value) || row.value;
  };
  const hidden = () => rows.filter(({ masked, value }) => masked && !value);
  const save = button({ icon: "check", word: "Save", class: "line", disabled: true, onclick: async () => {
    // Under its name a secret keeps its value; under another name, or as a plain variable, it must be given.
    await unmask(hidden().filter((row) => row.type !== "secret" || was.get(row) !== row.key));
    const variables = rows.filter(({ key, value }) => key || value).map(({ key, value = "", type = "default", disabled, description, masked }) => ({ key, type, ...(disabled && { disabled }), ...(description && { description }), ...(masked && type === "secret" && value === "" ? {} : { value }) }));
    if ((await saying(changeEnvironment(id, { ...(id !== null && { name }), variables }), "Saved")) === null) return;
    tag.hidden = save.disabled = true;
    await refreshEnvironments();
  } });
  const table = new FieldTable(rows, { what: "variable", kind: "variable", secret: ({ type }) => type === "secret", onchange: changed, reveal: () => unmask(hidden()) });
  const active = () => store.state.environments.some((one) => one.id === id && one.active);
  const use = button({ icon: "check", label: "Use this environment", word: "Use", class: "tiny line", onclick: async () => {
    await choose(id);
    use.hidden = active();
  } });
  use.hidden = id === null || active();
  const more = id === null ? [] : [use, button({ icon: "trash", label: `Delete ${visible(name)}`, word: "Delete", class: "tiny danger", onclick: () => remove(id, name) })];
  const title = id === null ? h("h1", null, "Globals") : field("Name of the environment", name, (text) => {
    name = text;
    changed();
  }, { class: "field inline", maxlength: 200 });
  const head = h("div", { class: "sub" }, button({ icon: "back", label: "Environments", class: "tiny only-s", onclick: () => document.querySelector(".coll")?.classList.add("listing") }), title, tag, h("span", { class: "grow" }), save, ...more,
    h("a", { class: "btn tiny", href: exportUrl(id), download: "" }, icon("export"), "Export"));
  const body = h("div", { class: "scroll body" }, h("p", { class: "note" }, icon("info"), `${id === null ? "Every request can use these as {{name}}; an environment's own win over them." : "Requests use these as {{name}} while this environment is active."} Values of secrets are hidden, never logged, and not exported.`), table.element);
  body.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    save.click();
  });
  return [head, body];
}

/** @param {number} id @param {string} name */
function remove(id, name) {
  askSure(`Delete ${visible(name)}?`, "Delete", "Its variables go with it. This cannot be undone.", async () => {
    if ((await saying(removeEnvironment(id), `Deleted ${visible(name)}`)) === null) return;
    await refreshEnvironments();
    go({ at: "globals", tab: "" });
  });
}
