// Collections, as far as they go: on the left what was sent and the environments, in the middle a request with its answer, on the right its own history.

import { ApiError } from "../api.js";
import { changeSendSettings, sendSettings } from "../api-desk.js";
import { button, h } from "../dom.js";
import { environmentEditor } from "../environments/editor.js";
import { refreshEnvironments, saying } from "../environments/known.js";
import { activeEnvironment, environmentList } from "../environments/panes.js";
import { HistoryList } from "../history/list.js";
import { related } from "../history/related.js";
import { go } from "../route.js";
import { store } from "../state.js";
import { offerUndo } from "../undo.js";
import { keepDraft, keptDraft } from "./drafts.js";
import { RequestEditor } from "./request.js";
import { settingsTable } from "./settings.js";

/** @import { Route } from "../route.js" */

export class CollectionsScreen {
  constructor() {
    /** What is open. @type {string | undefined} */
    this.shown = undefined;
    this.editor = new RequestEditor();
    this.history = new HistoryList();
    this.related = related(this.editor);
    this.environments = environmentList();
    this.place = h("div", { class: "pane body" });
    const seg = h("span", { class: "seg", role: "group", "aria-label": "What is listed" }, ...["History", "Environments"].map((word) => h("button", { type: "button", onclick: () => store.set({ listed: /** @type {"history"} */ (word.toLowerCase()) }) }, word)));
    store.watch(["listed"], ({ listed: name }) => {
      [...seg.children].forEach((one) => one.setAttribute("aria-pressed", String(one.textContent?.toLowerCase() === name)));
      this.place.replaceChildren(name === "history" ? this.history.element : this.environments);
    });
    const left = h("section", { class: "pane collist", "aria-label": "History and environments" },
      h("div", { class: "sub" }, seg, h("span", { class: "grow" }), button({ icon: "plus", label: "New request", class: "tiny", onclick: () => this.#begin() })), this.place, activeEnvironment());
    // In a narrow window the list is a page of its own, which gives way to what was chosen there.
    left.addEventListener("click", ({ target }) => target instanceof Element && target.closest("a.item, [aria-label='New request']") && this.element.classList.remove("listing"));
    this.middle = h("div", { class: "pane" });
    this.element = h("div", { class: "split coll" }, left, this.middle, this.related.element);
    void refreshEnvironments();
    store.watch(["environmentsAt"], () => void refreshEnvironments());
    store.watch(["route"], ({ route }) => void this.#show(route));
  }

  /** @param {1 | -1} step */
  turn(step) {
    this.editor.turn(step);
  }

  /** Begins a new request; the one that was being written can be had back for a while. */
  #begin() {
    const before = keptDraft(""), open = (/** @type {string | null} */ text) => {
      keepDraft("", text);
      this.editor.at = null;
      go({ screen: "collections", at: "", tab: "", against: "" });
      void this.#show(store.state.route);
    };
    open(null);
    if (before) offerUndo("The request that was being written is put away.", () => open(JSON.stringify(before)));
  }

  /** @param {Route} route */
  async #show(route) {
    const { screen, at } = route;
    if (screen !== "collections") return;
    const [kind, id] = at.split("/"), request = kind === "" || kind === "send" || kind === "from";
    this.related.element.hidden = !request;
    this.element.classList.toggle("alone", !request);
    if (request) {
      if (this.middle.firstElementChild !== this.editor.element) this.middle.replaceChildren(this.editor.element);
      this.shown = at;
      await this.editor.show(route);
      return void this.related.show();
    }
    if (this.shown === at) return;
    this.shown = at;
    if (kind !== "settings") store.set({ listed: "environments" });
    this.middle.replaceChildren(kind === "settings" ? generalSettings() : environmentEditor(kind === "globals" ? null : Number(id)));
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
  }, (error) => body.replaceChildren(h("p", { class: "note" }, error instanceof ApiError ? error.message : "They could not be read.")));
  return h("section", { class: "pane editor", "aria-label": "Settings" }, h("div", { class: "sub" }, button({ icon: "back", label: "Back to the request", class: "tiny", onclick: () => window.history.back() }), h("h1", null, "Settings for all requests"), h("span", { class: "dim trunc" }, "a request's own settings win")), body);
}
