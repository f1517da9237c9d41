// The parts of a request, each under its tab, made when it is first shown.

import { messagePart } from "../conversation/composer.js";
import { connectionPart } from "../conversation/options.js";
import { h } from "../dom.js";
import { go } from "../route.js";
import { Tabs } from "../tabs.js";
import { aboutPart } from "./about.js";
import { authPart } from "./auth.js";
import { bodyPart } from "./body.js";
import { cookiesPart } from "./cookies.js";
import { headersPart, paramsPart } from "./fields.js";
import { settingsPart } from "./settings.js";
import { variablesPart } from "./variables.js";

/** @import { Preview } from "../api-types.js" */
/** @import { Kind } from "../conversation/kind.js" */
/** @import { Whole } from "./draft.js" */
/** @import { Part } from "./fields.js" */
/** @import { RequestEditor } from "./request.js" */

/** @type {Record<string, (editor: RequestEditor) => Part>} */
const PARTS = { params: paramsPart, headers: headersPart, body: bodyPart, auth: authPart, cookies: cookiesPart, variables: variablesPart, settings: settingsPart, about: aboutPart, message: messagePart, connection: connectionPart };

export class RequestParts {
  /** @param {RequestEditor} editor */
  constructor(editor) {
    this.editor = editor;
    /** The one that is shown. @type {string | undefined} */
    this.shown = undefined;
    /** @type {Map<string, Part>} */
    this.made = new Map();
    this.tabs = new Tabs("Parts of the request", "request-panel", (tab) => go({ tab }, { replace: true }));
    this.panel = h("div", { class: "pane body", id: "request-panel", role: "tabpanel" });
  }

  /** A request and what begins a conversation have parts of their own. @param {Kind} kind @param {boolean} saved */
  offer(kind, saved) {
    const talks = kind !== "request", socket = kind === "websocket";
    const parts = { message: socket && "Message", params: "Params", headers: "Headers", body: !socket && "Body", auth: "Auth", cookies: !talks && "Cookies", variables: "Variables", connection: talks && "Connection", settings: "Settings", about: saved && "About" };
    this.tabs.set(Object.entries(parts).flatMap(([id, word]) => (word ? [{ id, word, n: "" }] : [])));
    this.made.delete("connection");
    if (this.shown !== undefined) this.show(socket ? "message" : this.shown);
  }

  /** Makes it anew when it is next shown. @param {string} [part] without it: all, and none is shown */
  forget(part) {
    if (part) return void this.made.delete(part);
    this.made.clear();
    this.shown = undefined;
  }

  /** @param {string} tab one that is not there: the one that is shown, or the one where most is */
  show(tab) {
    const { tabs, editor: { kind, draft } } = this, part = [tab, this.shown ?? ""].find((one) => tabs.buttons.has(one)) ?? (kind === "websocket" ? "message" : draft.body.mode === "none" ? "params" : "body");
    const shown = this.made.get(part) ?? PARTS[part](this.editor);
    this.made.set(part, shown);
    this.shown = part;
    tabs.select(part);
    this.panel.setAttribute("aria-labelledby", `tab-${part}`);
    if (this.panel.firstElementChild !== shown.element) this.panel.replaceChildren(shown.element);
  }

  /** @param {1 | -1} step */
  beside(step) {
    return this.tabs.beside(this.shown ?? "params", step);
  }

  /** The draft was changed elsewhere, or what would be sent is known anew. @param {...string} parts */
  update(...parts) {
    for (const part of parts) this.made.get(part)?.update?.();
  }

  /** Says at each tab how much is in it. @param {Whole} draft */
  count(draft) {
    const on = (/** @type {{ disabled?: boolean, key: string }[]} */ rows) => rows.filter(({ disabled, key }) => !disabled && key).length;
    const counts = { params: on(draft.query), headers: on(draft.headers), body: draft.body.mode === "none" ? "" : "•", auth: /^(inherit|none)$/.test(draft.auth.type) ? "" : "•", settings: Object.keys(draft.settings).length };
    for (const [part, n] of Object.entries(counts)) this.tabs.count(part, String(n || ""));
    this.update("params");
  }

  /** Shows what would be sent. @param {Preview | null} preview */
  foresee(preview) {
    const missing = preview?.unresolved?.length ?? 0, cookie = preview?.headers.find(({ key }) => key.toLowerCase() === "cookie")?.value;
    this.tabs.count("variables", missing ? `${missing} not set` : String(preview?.variables?.length || ""));
    this.tabs.count("cookies", cookie ? String(cookie.split(";").length) : "");
    this.update("headers", "auth", "cookies", "variables");
  }
}
