// A collection or a folder itself: description, auth, variables and settings for all that is in it, scripts.

import { sendSettings } from "../api-desk.js";
import { changeCollection, changeItem, collection, item, stopFilling } from "../api-collections.js";
import { button, h, icon } from "../dom.js";
import { authPart } from "../editor/auth.js";
import { FieldTable } from "../editor/field-table.js";
import { field } from "../editor/ink.js";
import { settingsTable } from "../editor/settings.js";
import { visible } from "../format.js";
import { lazy } from "../lazy.js";
import { reasonOf } from "../reason.js";
import { go } from "../route.js";
import { Tabs } from "../tabs.js";
import { crumbs } from "./crumbs.js";
import { changing } from "./known.js";
import { newFolder, newRequest } from "./menu.js";
import { ownModel, ownVariables, tableRows } from "./model.js";
import { scriptsView } from "./scripts.js";

/** @import { FolderModel, ItemDetail, Model } from "./types.js" */

/** @typedef {{ whole: boolean, id: number, collection: number, model: Model, around: Node | null, inherited: ItemDetail["inherited"], live: number | null }} Opened */

/**
 * @param {"collection" | "item"} kind
 * @param {number} id
 * @returns {Promise<Opened>}
 */
export async function openNode(kind, id) {
  if (kind === "collection") {
    const found = await collection(id);
    return { whole: true, id, collection: id, model: ownModel(found), around: null, inherited: null, live: found.live ?? null };
  }
  const found = await item(id);
  return ofFolder(found);
}

/** @param {ItemDetail} found @returns {Opened} */
export const ofFolder = (found) => ({ whole: false, id: found.id, collection: found.collection, model: /** @type {FolderModel} */ (found.item), around: crumbs(found), inherited: found.inherited ?? null, live: null });

/** @param {Opened} opened @param {string} tab */
export function nodeEditor(opened, tab) {
  const { whole, id, model } = opened, word = whole ? "collection" : "folder", rows = tableRows(model.variables ?? []);
  model.auth ??= { type: "inherit" };
  model.settings ??= {};
  const tag = h("span", { class: "tag warn", hidden: true }, "unsaved");
  const changed = () => {
    tag.hidden = false;
    save.disabled = false;
    count();
  };
  const save = button({ icon: "check", word: "Save", class: "line", disabled: true, onclick: async () => {
    const to = { ...model, variables: ownVariables(rows) };
    if ((await changing(whole ? changeCollection(id, to) : changeItem(id, to), "Saved")) !== null) tag.hidden = save.disabled = true;
  } });
  const name = field(`Name of this ${word}`, model.name, (text) => {
    model.name = text;
    changed();
  }, { class: "field inline name", maxlength: 200 });
  const about = h("textarea", { class: "text", "aria-label": "Description", placeholder: "Description, in Markdown", value: model.description ?? "", oninput: () => {
    model.description = about.value || null;
    changed();
  } });
  const count = () => {
    tabs.count("auth", /^(inherit|none)$/.test(model.auth?.type ?? "inherit") ? "" : "•");
    tabs.count("variables", String(rows.filter(({ key, disabled }) => key && !disabled).length || ""));
    tabs.count("settings", String(Object.keys(model.settings ?? {}).length || ""));
  };
  const scripts = model.scripts ?? [];
  /** @type {Record<string, () => Node>} */
  const parts = {
    about: () => h("div", { class: "pane body" }, h("div", { class: "sub" }, h("h3", null, "Description"), h("span", { class: "dim" }, "Markdown, shown as it is written")), about),
    auth: () => authPart({ draft: /** @type {any} */ (model), preview: null, inherited: opened.inherited, whole, changed }).element,
    variables: () => h("div", { class: "scroll body" }, h("p", { class: "note" }, icon("info"), `Requests in this ${word} use these as {{name}}. What is nearer to a request wins, and an environment in use wins over all of it.`), new FieldTable(rows, { what: "variable", kind: "variable", secret: ({ type }) => type === "secret", onchange: changed }).element),
    settings: () => settingsPane(model.settings ?? {}, changed),
    scripts: () => scriptsView(scripts),
  };
  const panel = h("div", { class: "pane body", id: "node-panel", role: "tabpanel" }), tabs = new Tabs(`Parts of the ${word}`, "node-panel", (to) => {
    go({ tab: to }, { replace: true });
    show(to);
  });
  const show = (/** @type {string} */ part) => {
    const to = parts[part] && (part !== "scripts" || scripts.length) ? part : "about";
    tabs.select(to);
    panel.setAttribute("aria-labelledby", `tab-${to}`);
    panel.replaceChildren(parts[to]());
  };
  tabs.set([{ id: "about", word: "About" }, { id: "auth", word: "Auth", n: "" }, { id: "variables", word: "Variables", n: "" }, { id: "settings", word: "Settings", n: "" }, ...(scripts.length ? [{ id: "scripts", word: "Scripts", n: String(scripts.length) }] : [])]);
  count();
  const parent = whole ? null : id;
  const element = h("section", { class: "pane editor node", "aria-label": whole ? "Collection" : "Folder" },
    h("div", { class: "sub" }, button({ icon: "back", label: "Collections", class: "tiny only-s", onclick: () => document.querySelector(".coll")?.classList.add("listing") }), opened.around, name, tag, h("span", { class: "grow" }),
      button({ icon: "plus", label: "New request here", word: "Request", class: "tiny hide-s", onclick: () => void newRequest(opened.collection, parent) }), button({ icon: "collections", label: "New folder here", word: "Folder", class: "tiny hide-s", onclick: () => void newFolder(opened.collection, parent) }),
      button({ icon: "resend", label: `Replay this ${word}`, word: "Replay", class: "tiny", onclick: () => void lazy(() => import("../replay/start.js")).then((part) => part?.askReplay(whole ? { collection: id } : { item: id }, visible(model.name))) }), save),
    opened.live !== null && h("div", { class: "banner info" }, icon("s-stream", "i12"), h("span", null, h("b", null, `Session ${opened.live} fills this collection`), " as long as it runs."), h("span", { class: "grow" }), button({ word: "Stop filling", class: "tiny line", onclick: (event) => {
      /** @type {HTMLElement} */ (event.target).closest(".banner")?.remove();
      void changing(stopFilling(id), "It is not filled any more");
    } })),
    tabs.element, panel);
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    save.click();
  });
  show(tab);
  return { element, show, turn: (/** @type {1 | -1} */ step) => {
    const now = [...tabs.buttons].find(([, one]) => one.ariaSelected === "true")?.[0] ?? "about";
    tabs.onpick(tabs.beside(now, step));
  } };
}

/** @param {Record<string, any>} own @param {() => void} changed */
function settingsPane(own, changed) {
  const element = h("div", { class: "scroll body" });
  void sendSettings().then(({ settings, defaults, cipher_suites: suites }) => {
    element.replaceChildren(h("p", { class: "note" }, icon("info"), "They hold for all requests in here that do not say otherwise."), settingsTable(own, { general: { ...defaults, ...settings }, suites, onchange: changed }));
  }, (error) => element.replaceChildren(h("p", { class: "note" }, reasonOf(error, "The settings could not be read."))));
  return element;
}
