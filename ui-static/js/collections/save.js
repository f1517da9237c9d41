// Captured requests become requests of a collection: how, what comes of it, and where it goes.

import { fillFrom, savePreview, saveTo } from "../api-collections.js";
import { openDialog } from "../dialog.js";
import { button, h, icon } from "../dom.js";
import { choice } from "../editor/ink.js";
import { count, plural, visible } from "../format.js";
import { reasonOf } from "../reason.js";
import { go, inCollections } from "../route.js";
import { notify, store } from "../state.js";
import { refreshCollections } from "./known.js";
import { placeFields } from "./place.js";
import { previewTree } from "./preview.js";
import { templateFields } from "./templates.js";

/** @import { SaveFrom, SaveOptions, SavePreview } from "./types.js" */

const PAUSE = 250, KEPT = "waylay.save-options";

/** @type {SaveOptions} */
const USUAL = { folders: "endpoint", merge: true, examples: true, preflights: false, media: false, auth: "keep", base_url: false, templates: [] };

/** @type {[SaveOptions["folders"], string][]} */
const FOLDERS = [["none", "None, as captured"], ["domain", "By domain"], ["endpoint", "By endpoint"], ["domain_endpoint", "By domain and endpoint"]];
/** @type {[SaveOptions["auth"], string][]} */
const AUTH = [["keep", "Keep them as headers"], ["helper", "Make them the request's authorization"], ["variable", "Put variables in their place"]];
/** @type {["merge" | "examples" | "preflights" | "media" | "base_url", string, string][]} */
const FLAGS = [
  ["merge", "Merge duplicates", "same endpoint and shape: one request, several examples"], ["examples", "Responses as examples", ""], ["base_url", "Hosts as {{baseUrl}}", ""],
  ["preflights", "CORS preflights", ""], ["media", "Images, audio, video, fonts", ""],
];

/**
 * @param {SaveFrom} from
 * @param {string} words what is saved, such as `3 exchanges`
 * @param {{ name?: string, session?: number, done?: () => void }} [of] `session`: it is running and can go on filling the collection
 */
export function saveCaptured(from, words, { name = words, session, done = () => {} } = {}) {
  const options = { ...USUAL, ...keptOptions(), templates: /** @type {SaveOptions["templates"]} */ ([]) };
  const shown = h("div", { class: "scroll preview", tabindex: 0, "aria-label": "Preview" }, h("p", { class: "note" }, "Looking at the exchanges…")), facts = h("span", { class: "mid", role: "status" }), trouble = h("div", { role: "alert" });
  let timer = 0, asking = new AbortController();
  const templates = templateFields((list) => {
    options.templates = list;
    again();
  });
  const place = placeFields({ name });
  const ask = async () => {
    asking.abort();
    const { signal } = (asking = new AbortController());
    try {
      const found = await savePreview({ from, options }, signal);
      show(found);
    } catch (error) {
      if (!signal.aborted) fail(error);
    }
  };
  const again = () => {
    localStorage.setItem(KEPT, JSON.stringify({ ...options, templates: undefined }));
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), PAUSE);
  };
  /** @param {SavePreview} found */
  const show = ({ tree, requests, examples, left_out: left, templates: found, variables }) => {
    trouble.replaceChildren();
    shown.replaceChildren(tree.length ? previewTree(tree) : h("p", { class: "note" }, "Nothing is left to save with these choices."));
    const out = [left.preflights && plural(left.preflights, "preflight"), left.media && `${count(left.media)} media`, left.other && `${count(left.other)} that cannot be sent`].filter(Boolean).join(" and ");
    facts.textContent = [plural(requests, "request"), examples && plural(examples, "example"), left.merged && `${count(left.merged)} merged`, out && `${out} left out`, variables.length && `variables ${variables.map(({ key }) => visible(key)).join(", ")}`].filter(Boolean).join(", ");
    save.disabled = requests === 0;
    save.lastChild?.replaceWith(`Save ${plural(requests, "request")}`);
    templates.show(found);
  };
  /** @param {unknown} error */
  const fail = (error) => {
    save.disabled = false;
    trouble.replaceChildren(h("p", { class: "ferr" }, icon("s-failed", "i12"), h("span", null, reasonOf(error, "It could not be done."))));
  };
  const live = h("input", { type: "checkbox" });
  const run = async () => {
    save.disabled = true;
    const { collection, parent, name: called } = place.place;
    try {
      const made = await saveTo({ from, options, collection, ...(collection === null ? { name: called.trim() || name } : { parent }) });
      if (session !== undefined && live.checked) await fillFrom(made.id, session, options);
      dialog.close();
      done();
      notify(`Saved ${plural(made.requests, "request")} and ${plural(made.examples, "example")} to ${visible(made.name)}`);
      await refreshCollections();
      store.set({ listed: "collections" });
      go(inCollections(`collection/${made.id}`));
    } catch (error) {
      fail(error);
    }
  };
  const save = button({ icon: "bookmark", word: "Save", class: "primary", disabled: true, onclick: () => void run() });
  const folders = choice("Folders", FOLDERS, options.folders, (value) => {
    options.folders = /** @type {SaveOptions["folders"]} */ (value);
    again();
  }), auth = choice("Authorization headers", AUTH, options.auth, (value) => {
    options.auth = /** @type {SaveOptions["auth"]} */ (value);
    again();
  });
  const dialog = openDialog({ title: `Save ${words} to a collection`, class: "save wide", foot: [facts, h("span", { class: "grow" }), button({ word: "Cancel", class: "line", onclick: () => dialog.close() }), save] },
    h("div", { class: "form" }, h("span", { class: "l" }, "Into"), place.element, h("span", { class: "l" }, "Folders"), folders, h("span", { class: "l" }, "Authorization"), auth,
      h("span", { class: "l" }, "Bring in"), h("span", { class: "two" }, ...FLAGS.map(([flag, word, more]) => {
        const box = h("input", { type: "checkbox", checked: options[flag], onchange: () => {
          options[flag] = box.checked;
          again();
        } });
        return h("label", { class: "check", title: more }, box, word);
      })),
      ...(session === undefined ? [] : [h("span", { class: "l" }, "From now on"), h("label", { class: "check" }, live, "Add what this session goes on to record")])),
    templates.element, trouble, h("div", { class: "sub" }, h("h2", null, "Preview")), shown);
  dialog.addEventListener("close", () => asking.abort());
  folders.focus();
  void ask();
}

/** What was chosen last time. @returns {Partial<SaveOptions>} */
function keptOptions() {
  try {
    const { templates: _, ...rest } = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
    return Object.fromEntries(Object.entries(rest).filter(([name]) => name in USUAL));
  } catch {
    return {};
  }
}
