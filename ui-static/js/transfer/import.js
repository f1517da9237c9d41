// Import: what is given is read and told about; only then, and only if one agrees, is it taken in.

import { ApiError } from "../api.js";
import { checkImport, checkUrl, dropImport, takeImport } from "../api-import.js";
import { refreshCollections } from "../collections/known.js";
import { openDialog } from "../dialog.js";
import { button, h, icon, s } from "../dom.js";
import { keepDraft } from "../editor/drafts.js";
import { refreshEnvironments } from "../environments/known.js";
import { bytes, plural, visible } from "../format.js";
import { go, inCollections } from "../route.js";
import { keep } from "../sessions/actions.js";
import { notify, store } from "../state.js";
import { contents, importable } from "./contents.js";

/** @import { Choice, Committed, Found } from "./types.js" */

/** Files one after the other, each with its own question. @param {File[]} files */
export async function importFiles(files) {
  for (const file of files) await oneImport(visible(file.name), `${bytes(file.size)}.`, (progress, signal) => checkImport(file, file.name.replace(/\.(har|json)$/i, "") || file.name, progress, signal), file.size);
}

/** Asks for a file, text or an address. @param {string} text that was pasted */
export function askImport(text) {
  const area = h("textarea", { class: "field mono", rows: 8, "aria-label": "Text or address", placeholder: "curl 'https://example.com/' …\n{ \"info\": … }\nhttps://example.com/collection.json", spellcheck: "false", autocomplete: "off", value: text, oninput: () => look() });
  const file = h("input", { type: "file", class: "sr", "aria-label": "Choose files", multiple: true, onchange: () => {
    dialog.close();
    void importFiles([...(file.files ?? [])]);
  } });
  const says = h("p", { class: "mid" }), next = button({ word: "Look at it", class: "primary", onclick: () => {
    const given = area.value.trim();
    dialog.close();
    if (address(given)) void oneImport(visible(given), "", (_, signal) => checkUrl(given, signal), 0);
    else void oneImport("pasted text", "", (progress, signal) => checkImport(new Blob([area.value]), "Pasted", progress, signal), area.value.length);
  } });
  const look = () => {
    const given = area.value.trim();
    next.disabled = !given;
    next.lastChild?.replaceWith(address(given) ? "Fetch it" : "Look at it");
    says.textContent = address(given) ? `The daemon asks ${hostOf(given)} for it: at most 10 MB, without cookies, from no private address.` : "A curl command, a HAR, a Postman collection or environment. Nothing is stored before you have seen what is in it.";
  };
  const dialog = openDialog({ title: "Import", class: "medium", foot: [h("label", { class: "btn line" }, file, icon("import"), "Choose files"), h("span", { class: "grow" }), button({ word: "Cancel", class: "line", onclick: () => dialog.close() }), next] }, area, says);
  look();
  area.focus();
}

/** @param {string} text */
const address = (text) => /^https?:\/\/\S+$/i.test(text);
/** @param {string} url */
const hostOf = (url) => visible(/^https?:\/\/([^/?#]*)/i.exec(url)?.[1] ?? url);

/**
 * Reads, tells, asks, takes in. Ends with its dialog.
 * @param {string} name
 * @param {string} lead
 * @param {(progress: (sent: number) => void, signal: AbortSignal) => Promise<Found>} read
 * @param {number} size
 * @returns {Promise<void>}
 */
function oneImport(name, lead, read, size) {
  const asking = new AbortController(), inside = h("div", { class: "importing" }), foot = h("div", { class: "bar grow" });
  const dialog = openDialog({ title: `Import ${name}`, lead: `${lead} Nothing is sent, and no script in it is run.`.trim(), class: "medium", foot: [foot] }, inside);
  const buttons = (/** @type {HTMLElement[]} */ ...made) => foot.replaceChildren(h("span", { class: "grow" }), ...made);
  const close = (/** @type {string} */ word) => button({ word, class: "line", onclick: () => dialog.close() });
  /** @type {Found | null} What the daemon holds for us. */
  let held = null;
  const ended = new Promise((done) => dialog.addEventListener("close", () => {
    asking.abort();
    if (held) void dropImport(held.import).catch(() => {});
    done(undefined);
  }));
  const fail = (/** @type {unknown} */ error) => {
    if (asking.signal.aborted) return;
    const said = error instanceof ApiError ? [error.message, error.path && `at ${error.path}`, error.hint].filter(Boolean).join(": ") : "It could not be read.";
    inside.replaceChildren(h("p", { class: "ferr", role: "alert" }, icon("s-failed", "i12"), h("span", null, `Nothing was imported. ${visible(said)}`)));
    buttons(close("Close"));
  };
  const take = async (/** @type {Found} */ found, /** @type {Choice} */ how) => {
    held = null;
    buttons(close("Close"));
    inside.replaceChildren(h("p", { role: "status" }, "Storing it…"));
    try {
      const made = await takeImport(found.import, how);
      dialog.close();
      await opened(made, name);
    } catch (error) {
      fail(error);
    }
  };
  const tell = (/** @type {Found} */ found) => {
    held = found;
    const view = contents(found), begin = button({ label: "Import", word: importable(found) ? `Import ${importable(found)}` : "Import", class: "primary", onclick: () => void take(found, view.how()) });
    const [draft] = found.drafts;
    const unsaved = draft && button({ word: "Open unsaved", class: "line", onclick: () => {
      dialog.close();
      openDraft(draft);
    } });
    inside.replaceChildren(...view.nodes);
    buttons(close("Cancel"), ...(unsaved ? [unsaved] : []), begin);
    begin.focus();
  };
  const { progress, nodes } = progressBar(size);
  inside.replaceChildren(...nodes);
  buttons(close("Cancel"));
  read(progress, asking.signal).then(tell, fail);
  return /** @type {Promise<void>} */ (ended);
}

/** @param {number} size */
function progressBar(size) {
  const done = s("rect", { class: "b-ok", width: "0%", height: "100%", rx: 1 }), words = h("span", { role: "status" }, "Reading");
  const track = s("svg", { class: "progress", "aria-hidden": "true" }, s("rect", { class: "b-track", width: "100%", height: "100%", rx: 1 }), done);
  const progress = (/** @type {number} */ sent) => {
    const share = size ? Math.min(100, (100 * sent) / size) : 100;
    done.setAttribute("width", `${share}%`);
    words.textContent = share < 100 ? `${bytes(sent)} of ${bytes(size)}` : "Reading what is in it";
  };
  return { progress, nodes: [track, words] };
}

/** Shows what was made. @param {Committed} made @param {string} name */
async function opened({ collections, environments, sessions }, name) {
  const [first] = sessions;
  await Promise.all([refreshCollections(), refreshEnvironments()]);
  for (const { session } of sessions) keep(session);
  notify(`Imported ${name}: ${[collections.length && plural(collections.length, "collection"), environments.length && plural(environments.length, "environment"), sessions.length && plural(sessions.length, "session")].filter(Boolean).join(", ")}`);
  if (collections[0]) go(inCollections(`collection/${collections[0].id}`));
  else if (first) go({ screen: "session", session: first.session.id, id: "", tab: "" });
  else if (environments[0]) go({ screen: "collections", at: environments[0].id ? `environment/${environments[0].id}` : "globals", tab: "", against: "" });
}

/** @param {NonNullable<Found["drafts"]>[number]} draft A request is opened without being saved. */
function openDraft(draft) {
  keepDraft("", JSON.stringify(draft));
  store.set({ listed: "collections" });
  go(inCollections(""));
  store.set({ draftAt: store.state.draftAt + 1 });
}
