// Collections: on the left the tree, what was sent, the environments; in the middle what is open, a request with its answer mostly; on the right its examples and history.

import { item } from "../api-collections.js";
import { changeSendSettings, sendSettings } from "../api-desk.js";
import { exampleView } from "../collections/example.js";
import { nodeEditor, ofFolder, openNode } from "../collections/node.js";
import { CollectionTree } from "../collections/tree.js";
import { button, h } from "../dom.js";
import { environmentEditor } from "../environments/editor.js";
import { refreshEnvironments } from "../environments/known.js";
import { activeEnvironment, environmentList } from "../environments/panes.js";
import { HistoryList } from "../history/list.js";
import { related } from "../history/related.js";
import { reasonOf, saying } from "../reason.js";
import { go, inCollections } from "../route.js";
import { store } from "../state.js";
import { offerUndo } from "../undo.js";
import { keepDraft, keptDraft } from "./drafts.js";
import { RequestEditor } from "./request.js";
import { settingsTable } from "./settings.js";

/** @import { Route } from "../route.js" */

/** What stands on the left while something of that kind is opened. @type {Record<string, "collections" | "history" | "environments">} */
const LISTED = { item: "collections", collection: "collections", send: "history", environment: "environments", globals: "environments" };

export class CollectionsScreen {
  constructor() {
    /** What is open. @type {string | undefined} */
    this.shown = undefined;
    this.editor = new RequestEditor();
    this.tree = new CollectionTree();
    this.history = new HistoryList();
    this.related = related(this.editor);
    this.environments = environmentList();
    /** The collection or folder that is open. @type {ReturnType<typeof nodeEditor> | null} */
    this.node = null;
    this.place = h("div", { class: "pane body" });
    const seg = h("span", { class: "seg", role: "group", "aria-label": "What is listed" }, ...["Collections", "History", "Environments"].map((word) => h("button", { type: "button", onclick: () => store.set({ listed: /** @type {"history"} */ (word.toLowerCase()) }) }, word)));
    store.watch(["listed"], ({ listed: name }) => {
      [...seg.children].forEach((one) => one.setAttribute("aria-pressed", String(one.textContent?.toLowerCase() === name)));
      this.place.replaceChildren(name === "history" ? this.history.element : name === "environments" ? this.environments : this.tree.element);
    });
    const left = h("section", { class: "pane collist", "aria-label": "Collections, history and environments" },
      h("div", { class: "sub" }, seg, h("span", { class: "grow" }), button({ icon: "plus", label: "New request", class: "tiny", onclick: () => this.#begin() })), this.place, activeEnvironment());
    // In a narrow window the list is a page of its own, which gives way to what was chosen there.
    left.addEventListener("click", ({ target }) => target instanceof Element && target.closest("a.item, [aria-label='New request']") && this.element.classList.remove("listing"));
    this.middle = h("div", { class: "pane" });
    this.element = h("div", { class: "split coll" }, left, this.middle, this.related.element);
    void refreshEnvironments();
    store.watch(["environmentsAt"], () => void refreshEnvironments());
    store.watch(["route"], ({ route }) => void this.#show(route));
    let drafts = store.state.draftAt;
    store.watch(["draftAt"], ({ draftAt, route }) => {
      if (draftAt === drafts) return;
      drafts = draftAt;
      this.editor.at = null;
      void this.#show(route);
    });
  }

  /** @param {1 | -1} step */
  turn(step) {
    if (this.node?.element.isConnected) this.node.turn(step);
    else this.editor.turn(step);
  }

  /** Begins a new request; the one that was being written can be had back for a while. */
  #begin() {
    const before = keptDraft(""), open = (/** @type {string | null} */ text) => {
      keepDraft("", text);
      this.editor.at = null;
      go(inCollections(""));
      void this.#show(store.state.route);
    };
    open(null);
    if (before) offerUndo("The request that was being written is put away.", () => open(JSON.stringify(before)));
  }

  /** @param {Route} route */
  async #show(route) {
    const { screen, at, tab } = route;
    if (screen !== "collections") return;
    const [kind, id] = at.split("/");
    if (LISTED[kind] && this.shown !== at) store.set({ listed: LISTED[kind] });
    if (kind === "item" && this.shown !== at) return void this.#item(Number(id), route);
    const saved = kind === "item" && this.middle.firstElementChild === this.editor.element;
    if (saved || kind === "" || kind === "send" || kind === "from") return void this.#request(route);
    if (this.shown === at) return this.node?.element.isConnected ? this.node.show(tab) : undefined;
    this.#alone(true);
    this.shown = at;
    if (kind === "collection") return void this.#open(at, openNode("collection", Number(id)).then((opened) => (this.node = nodeEditor(opened, tab)).element));
    this.middle.replaceChildren(kind === "settings" ? generalSettings() : environmentEditor(kind === "globals" ? null : Number(id)));
  }

  /** @param {Route} route */
  async #request(route) {
    this.#alone(false);
    if (this.middle.firstElementChild !== this.editor.element) this.middle.replaceChildren(this.editor.element);
    this.shown = route.at;
    await this.editor.show(route);
    return void this.related.show();
  }

  /** A request, a folder or an example: which, the daemon tells. @param {number} id @param {Route} route */
  async #item(id, route) {
    this.shown = route.at;
    try {
      const found = await item(id);
      void this.tree.reveal(found.collection, route.at);
      if (this.shown !== route.at) return;
      if (found.item.kind === "request") {
        this.editor.take(found);
        return void this.#request(store.state.route);
      }
      this.#alone(true);
      this.middle.replaceChildren(found.item.kind === "folder" ? (this.node = nodeEditor(ofFolder(found), route.tab)).element : exampleView(found));
    } catch (error) {
      if (this.shown === route.at) this.#gone(error);
    }
  }

  /** @param {string} at @param {Promise<Node>} coming */
  async #open(at, coming) {
    try {
      const element = await coming;
      if (this.shown === at) this.middle.replaceChildren(element);
    } catch (error) {
      if (this.shown === at) this.#gone(error);
    }
  }

  /** @param {unknown} error */
  #gone(error) {
    this.#alone(true);
    this.middle.replaceChildren(h("p", { class: "note" }, reasonOf(error)));
  }

  /** Whether what is open has nothing beside it. @param {boolean} alone */
  #alone(alone) {
    this.related.element.hidden = alone;
    this.element.classList.toggle("alone", alone);
  }
}

/** How all requests are sent that do not say otherwise. */
function generalSettings() {
  const body = h("div", { class: "scroll body" });
  void sendSettings().then(({ settings, defaults, cipher_suites: suites }) => {
    let timer = 0;
    body.replaceChildren(settingsTable(settings, { general: defaults, suites, onchange: () => {
      clearTimeout(timer);
      timer = setTimeout(() => void saying(changeSendSettings(settings), "Saved"), 400);
    } }));
  }, (error) => body.replaceChildren(h("p", { class: "note" }, reasonOf(error, "They could not be read."))));
  return h("section", { class: "pane editor", "aria-label": "Settings" }, h("div", { class: "sub" }, button({ icon: "back", label: "Back to the request", class: "tiny", onclick: () => window.history.back() }), h("h1", null, "Settings for all requests"), h("span", { class: "dim trunc" }, "a request's own settings win")), body);
}
