// "What to record": the rules of the running session. They apply at once, and never change what passes.

import { ApiError } from "../api.js";
import { changeSession, presets } from "../api-control.js";
import { openDialog } from "../dialog.js";
import { button, h, icon } from "../dom.js";
import { count, plural } from "../format.js";
import { keep } from "../sessions/actions.js";
import { notify, store } from "../state.js";
import { DEFAULTS, fromText, toText } from "./rules.js";

/** @import { Rules } from "../api-types.js" */
/** @import { ListRule } from "./rules.js" */

/** @type {[ListRule, string, string][]} rule, word, example */
const LISTS = [
  ["methods", "Methods", "GET, POST"],
  ["status", "Status", "404, 5xx, failed"],
  ["hosts", "Hosts", "example.com, *.example.com"],
  ["url_contains", "URL contains", "/api/, /v[12]\\//i"],
  ["url_excludes", "URL does not contain", "/health, analytics"],
  ["content_types", "Content types", "json, text/html, none"],
];
/** @type {["save_responses" | "capture_cookies" | "media", string][]} */
const SWITCHES = [["save_responses", "Save responses"], ["capture_cookies", "Capture cookies"], ["media", "Store images, audio and video"]];

/** Opens the dialog for the running session. */
export function openRecord() {
  const session = store.state.status?.session;
  if (!session) return notify("Nothing is recorded: begin a session first");
  const fields = LISTS.map(([name, word, example]) => listField(name, word, example));
  const boxes = SWITCHES.map(([name, word]) => {
    const box = h("input", { type: "checkbox", name });
    return { name, box, element: h("label", { class: "check" }, box, word) };
  });
  const trouble = h("p", { class: "ferr", role: "alert", hidden: true }), left = h("span", { class: "dim", role: "status" });
  const fill = (/** @type {Rules} */ rules) => {
    for (const field of fields) field.set(rules[field.name]);
    for (const { name, box } of boxes) box.checked = rules[name];
    trouble.hidden = true;
  };
  const read = () => /** @type {Rules} */ ({ ...DEFAULTS, ...Object.fromEntries(fields.map((field) => [field.name, field.get()])), ...Object.fromEntries(boxes.map(({ name, box }) => [name, box.checked])) });
  const apply = h("button", { class: "btn primary", type: "submit", form: "record" }, "Apply");
  const sets = h("select", { class: "field", id: "record-preset" }, h("option", { value: "" }, "Choose a preset"));
  void presets().then(({ items }) => {
    sets.append(...items.map(({ title }, n) => h("option", { value: n }, title)));
    sets.addEventListener("change", () => sets.value && fill(items[Number(sets.value)].rules));
  }, () => (sets.disabled = true));
  const form = h("form", { class: "form record", id: "record" }, h("label", { for: "record-preset" }, "Preset"), sets,
    ...fields.flatMap(({ parts }) => parts), h("span", { class: "l" }, "Bodies and cookies"), h("div", { class: "two" }, ...boxes.map(({ element }) => element)), trouble);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    apply.disabled = true;
    for (const field of fields) field.fault("");
    trouble.hidden = true;
    try {
      keep(await changeSession(session.id, { rules: read() }));
      dialog.close();
      notify("What is recorded has changed, from now on");
    } catch (error) {
      const known = error instanceof ApiError ? error : new ApiError(0, "Not applied.");
      const field = fields.find(({ name }) => name === known.field), said = known.message.replace(`${known.field}: `, "");
      if (field) field.fault(said);
      else {
        trouble.hidden = false;
        trouble.replaceChildren(icon("s-failed", "i12"), h("span", null, sentence(said)));
      }
    } finally {
      apply.disabled = false;
    }
  });
  const dialog = openDialog({
    title: "What to record", class: "recording",
    lead: "Any of the values in a field will do, and all fields must agree; an empty field asks for nothing. Traffic is never changed. The filter over the list is something else: it only hides.",
    foot: [left, h("span", { class: "grow" }), button({ word: "Cancel", class: "line", onclick: () => dialog.close() }), apply],
  }, form);
  const unwatch = store.watch(["status", "sessions"], ({ status, sessions }) => {
    const now = status?.session?.id === session.id ? status.session : sessions.find(({ id }) => id === session.id);
    left.textContent = now?.left_out ? `${plural(now.left_out, "exchange")} left out so far, ${count(now.exchanges)} recorded` : "Nothing was left out so far";
  });
  dialog.addEventListener("close", unwatch);
  fill(session.rules ?? DEFAULTS);
  form.querySelector("input")?.focus();
}

/**
 * A rule that is a list, as one line of text, with what is wrong with it below.
 * @param {ListRule} name
 * @param {string} word
 * @param {string} example
 */
function listField(name, word, example) {
  const id = `record-${name}`, error = h("p", { class: "ferr", id: `${id}-error`, role: "alert", hidden: true });
  const input = h("input", { class: "field mono", type: "text", id, autocomplete: "off", autocapitalize: "off", spellcheck: "false", placeholder: example, "aria-describedby": `${id}-error` });
  const fault = (/** @type {string} */ text) => {
    error.hidden = text === "";
    error.replaceChildren(icon("s-failed", "i12"), h("span", null, sentence(text)));
    input.setAttribute("aria-invalid", String(text !== ""));
    if (text) input.focus();
  };
  input.addEventListener("input", () => fault(""));
  const set = (/** @type {string[]} */ values) => {
    input.value = toText(values);
    fault("");
  };
  return { name, parts: [h("label", { for: id }, word), h("div", null, input, error)], set, get: () => fromText(input.value), fault };
}

/** @param {string} text */
const sentence = (text) => text && text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
