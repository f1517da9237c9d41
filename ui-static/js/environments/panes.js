// Environments: the list of them, and at the foot of the pane the active one with its values.

import { addEnvironment, environment, importEnvironment } from "../api-desk.js";
import { button, h, icon } from "../dom.js";
import { plural, visible } from "../format.js";
import { saying } from "../reason.js";
import { follow, go, href, inCollections } from "../route.js";
import { askName } from "../sessions/ask.js";
import { notify, store } from "../state.js";
import { choose, refreshEnvironments } from "./known.js";

/** Variables shown of the active one. */
const FEW = 6;

/** All environments. */
export function environmentList() {
  const list = h("ul", { class: "scroll body", "aria-label": "Environments" });
  const file = h("input", { type: "file", class: "sr", "aria-label": "Import an environment or globals of Postman", accept: ".json,application/json", onchange: async () => {
    const [chosen] = file.files ?? [];
    const made = chosen && (await saying(importEnvironment(chosen), ""));
    file.value = "";
    if (!made) return;
    notify([`Imported ${visible(made.name ?? chosen.name)}.`, ...(made.notes ?? []).map(visible)].join(" "));
    await refreshEnvironments();
    go({ screen: "collections", at: made.id ? `environment/${made.id}` : "globals", tab: "" });
  } });
  const line = (/** @type {string} */ at, /** @type {string} */ name, /** @type {string} */ aside, active = false) => {
    const to = () => inCollections(at);
    return h("li", null, follow(h("a", { class: "item", "data-at": at, "aria-current": store.state.route.at === at ? "page" : null, href: href({ ...store.state.route, ...to(), filter: "" }) }, h("span", { class: "trunc grow" }, name), active && h("span", { class: "st ok" }, icon("s-ok", "i12"), "active"), h("span", { class: "r" }, aside)), to));
  };
  store.watch(["environments", "route"], ({ environments }) => list.replaceChildren(...environments.map(({ id, name, active, variables }) => line(`environment/${id}`, visible(name), plural(variables, "variable"), active)), line("globals", "Globals", "in every request"),
    environments.length ? "" : h("li", { class: "note" }, "No environment yet. One holds the variables of a stage, such as {{base}} and {{token}}.")));
  return h("div", { class: "pane body" }, list, h("div", { class: "sub ruled" }, button({ icon: "plus", label: "New environment", word: "New", class: "tiny", onclick: () => void newEnvironment() }), h("label", { class: "btn tiny" }, file, icon("import"), "Import")));
}

export async function newEnvironment() {
  const name = await askName("New environment", "");
  const made = name && (await saying(addEnvironment(name), `${name} is there`));
  if (!made) return;
  await refreshEnvironments();
  go(inCollections(`environment/${made.id}`));
}

/** The active environment: which it is, and what it holds. */
export function activeEnvironment() {
  const select = h("select", { class: "field", "aria-label": "Active environment", onchange: () => void choose(select.value ? Number(select.value) : null) });
  const values = h("dl", { class: "kv wire tight" });
  store.watch(["environments", "environmentsAt"], async ({ environments }) => {
    const active = environments.find((one) => one.active);
    select.replaceChildren(h("option", { value: "" }, "No environment"), ...environments.map(({ id, name }) => h("option", { value: id }, visible(name))));
    select.value = String(active?.id ?? "");
    const { variables = [] } = active ? await environment(active.id).catch(() => ({ variables: [] })) : {};
    if (store.state.environments !== environments) return;
    const on = variables.filter(({ disabled }) => !disabled);
    values.replaceChildren(...on.slice(0, FEW).flatMap(({ key, value, type }) => [h("dt", { class: "trunc" }, visible(key)), h("dd", { class: "trunc", title: type === "secret" ? null : visible(value ?? "") }, type === "secret" ? h("span", { class: "mask" }, "•••••••• secret") : visible(value ?? ""))]), ...(on.length > FEW ? [h("dt", { class: "dim" }, `${on.length - FEW} more`), h("dd")] : []));
  });
  return h("div", { class: "ruled" }, h("div", { class: "sub" }, h("h2", null, "Environment"), h("span", { class: "grow" }), select), values);
}
