// How a request is sent: every setting with what it is by itself, and a way back to that.

import { sendSettings } from "../api-desk.js";
import { button, h } from "../dom.js";
import { reasonOf } from "../reason.js";
import { go } from "../route.js";
import { notify } from "../state.js";
import { choice, field } from "./ink.js";

/** @import { SendSettings } from "../api-types.js" */
/** @import { Part } from "./fields.js" */
/** @import { RequestEditor } from "./request.js" */

/** @typedef {"flag" | "number" | "text" | "list" | "suites" | [string, string][]} Kind */

/** @typedef {[string, string, Kind, string]} Setting name, words, kind, more */

/** @type {Setting[]} */
const SETTINGS = [
  ["http_version", "HTTP version", [["auto", "Auto: 2 where offered"], ["1.0", "1.0"], ["1.1", "1.1"], ["2", "2, or an error"]], ""],
  ["verify_chain", "Verify who issued the certificate", "flag", ""],
  ["verify_name", "Verify that the certificate names the host", "flag", ""],
  ["follow_redirects", "Follow redirects", "flag", "301, 302, 303, 307, 308"],
  ["max_redirects", "Redirects in a row, at most", "number", ""],
  ["keep_method", "Keep the method on a redirect", "flag", "with 301, 302 and 303, and the body"],
  ["keep_authorization", "Keep Authorization on another host", "flag", ""],
  ["strip_referer", "Leave Referer out on a redirect", "flag", ""],
  ["timeout_ms", "Timeout of the whole, ms", "number", "0: no limit"],
  ["connect_timeout_ms", "Timeout of name, TCP and TLS, ms each", "number", "0: the daemon's own"],
  ["max_response_bytes", "Largest response, bytes", "number", "0: no limit"],
  ["encode_url", "Encode the URL", "flag", "percent-encodes what cannot stand in it"],
  ["no_cache", "Send Cache-Control: no-cache", "flag", ""],
  ["cookie_jar", "Use the cookie jar", "flag", ""],
  ["tls_min", "TLS, at least", [["1.2", "1.2"], ["1.3", "1.3"]], ""],
  ["tls_max", "TLS, at most", [["1.2", "1.2"], ["1.3", "1.3"]], ""],
  ["cipher_suites", "Cipher suites to offer", "suites", "none ticked: all"],
  ["server_name", "Server name in TLS", "text", "empty: the host's"],
  ["resolve", "Addresses instead of a look-up", "list", "host:port:address, one per line"],
  ["key_log", "File for the TLS session keys", "text", "in the folder for files"],
];

/** Those of one request, beside those of all. @param {RequestEditor} editor @returns {Part} */
export function settingsPart(editor) {
  const element = h("div", { class: "scroll body" });
  void sendSettings().then(({ settings, defaults, cipher_suites: suites }) => {
    element.replaceChildren(h("div", { class: "sub" }, h("h3", null, "For this request"), h("span", { class: "dim" }, "what is not set here is as for all requests"), h("span", { class: "grow" }),
      button({ label: "Settings for all requests", word: "For all requests", class: "tiny line", onclick: () => go({ at: "settings", tab: "", against: "" }) })),
    settingsTable(editor.draft.settings, { general: { ...defaults, ...settings }, suites, onchange: () => editor.changed() }));
  }, (error) => notify(reasonOf(error, "The settings could not be read")));
  return { element };
}

/**
 * @param {SendSettings} settings changed in place
 * @param {{ general: SendSettings, suites: string[], rows?: Setting[], onchange: () => void }} of `general`: what holds where nothing is said
 */
export function settingsTable(settings, { general, suites, rows = SETTINGS, onchange }) {
  return h("div", { class: "settings" }, ...rows.map(([name, word, kind, more]) => {
    const line = h("div", { class: "setting" }), own = () => settings[name] !== undefined && settings[name] !== null;
    const set = (/** @type {unknown} */ value) => {
      if (value === undefined) delete settings[name];
      else settings[name] = value;
      reset.hidden = !own();
      onchange();
    };
    const reset = button({ icon: "resend", label: `Reset: ${word}`, class: "tiny", onclick: () => {
      set(undefined);
      show();
      /** @type {HTMLElement | null} */ (line.querySelector("input, select, textarea"))?.focus();
    } });
    const show = () => {
      reset.hidden = !own();
      line.replaceChildren(h("span", { class: "mid" }, word, more && h("span", { class: "dim" }, ` ${more}`)), control(kind, word, settings[name] ?? general[name], set, own(), suites), h("span", { class: "t-reset" }, reset));
    };
    show();
    return line;
  }));
}

/**
 * @param {Kind} kind
 * @param {string} label
 * @param {any} value
 * @param {(value: unknown) => void} set
 * @param {boolean} own
 * @param {string[]} suites
 * @returns {HTMLElement}
 */
function control(kind, label, value, set, own, suites) {
  if (Array.isArray(kind)) return choice(label, value ? kind : [["", "as it comes"], ...kind], value ?? "", (now) => set(now || undefined));
  if (kind === "flag") {
    const box = h("input", { type: "checkbox", "aria-label": label, checked: Boolean(value), onchange: () => set(box.checked) });
    return h("label", { class: "check" }, box);
  }
  if (kind === "suites") {
    /** @type {string[]} */
    const chosen = value ?? [];
    return h("details", { class: "suites" }, h("summary", null, chosen.length ? `${chosen.length} chosen` : "all"), ...[...new Set([...suites, ...chosen])].map((name) => {
      const box = h("input", { type: "checkbox", checked: chosen.includes(name), onchange: () => {
        if (box.checked) chosen.push(name);
        else chosen.splice(chosen.indexOf(name), 1);
        set(chosen.length ? [...chosen] : undefined);
      } });
      return h("label", { class: "check" }, box, h("span", { class: "mono" }, name), !suites.includes(name) && h("span", { class: "client" }, "not to be had"));
    }));
  }
  if (kind === "list") {
    const area = h("textarea", { class: "field mono", "aria-label": label, rows: 2, spellcheck: "false", value: (value ?? []).join("\n"), oninput: () => set(area.value.trim() ? area.value.split("\n").map((one) => one.trim()).filter(Boolean) : undefined) });
    return area;
  }
  return field(label, own || value ? String(value ?? "") : "", (text) => set(text === "" ? undefined : kind === "number" ? Number(text) : text), kind === "number" ? { type: "number", min: 0, placeholder: "0" } : {});
}
