// The message that is written: in some format, with variables, sent as often as one likes, kept by a name.

import { removeMessage, saveMessage, savedMessages, sendMessage } from "../api-conversations.js";
import { button, h, icon } from "../dom.js";
import { beautified } from "../editor/draft.js";
import { choice } from "../editor/ink.js";
import { faultLine } from "../fault.js";
import { visible } from "../format.js";
import { openPopover } from "../popover.js";
import { saying } from "../reason.js";
import { askName } from "../sessions/ask.js";
import { notify } from "../state.js";

/** @import { Part } from "../editor/fields.js" */
/** @import { RequestEditor } from "../editor/request.js" */
/** @import { Format, SavedMessage } from "./types.js" */

/** @type {[Format, string][]} */
const FORMATS = [["text", "Text"], ["json", "JSON"], ["xml", "XML"], ["html", "HTML"], ["base64", "Binary, Base64"], ["hex", "Binary, hexadecimal"]];

/** @param {Format} format */
const laidOut = (format) => format === "json" || format === "xml" || format === "html";

/** @param {RequestEditor} editor @returns {Part} */
export function messagePart(editor) {
  /** The saved message that is open. @type {SavedMessage | null} */
  let open = null;
  const text = h("textarea", { class: "text", "aria-label": "Message", spellcheck: "false", autocomplete: "off", placeholder: "A message; {{variables}} are filled in", oninput: () => fault.say("") });
  const fault = faultLine(text), name = h("span", { class: "dim trunc" });
  const format = choice("Format of the message", FORMATS, "text", () => update());
  const layOut = button({ word: "Beautify", class: "tiny line", onclick: () => {
    const made = beautified(text.value, /** @type {"json" | "xml" | "html"} */ (format.value));
    if (made === null) notify("Not laid out anew: this is not JSON");
    else text.value = made;
  } });
  const show = (/** @type {SavedMessage | null} */ message) => {
    open = message;
    name.textContent = message ? visible(message.name) : "";
    if (!message) return;
    text.value = message.content;
    format.value = message.format;
    update();
  };
  const keep = button({ icon: "check", label: "Save the message", word: "Save", class: "tiny", onclick: async () => {
    const called = await askName("Save the message", open?.name ?? "");
    if (!called) return;
    const made = await saying(saveMessage({ name: called, url: editor.draft.url.trim(), format: /** @type {Format} */ (format.value), content: text.value }, open?.name === called ? open.id : null), "Saved");
    if (made) show(made);
  } });
  const saved = button({ icon: "down", label: "Saved messages", word: "Saved", class: "tiny", onclick: async () => {
    const found = await saying(savedMessages(editor.draft.url.trim()), "");
    if (!found) return;
    const close = openPopover(h("div", { class: "menu saved scroll", role: "group", "aria-label": "Saved messages" }, ...found.items.map((one) => h("div", { class: "bar" },
      h("button", { type: "button", class: "item", onclick: () => {
        close();
        show(one);
        text.focus();
      } }, h("span", { class: "trunc" }, visible(one.name)), h("span", { class: "r" }, one.format)),
      button({ icon: "trash", label: `Delete ${visible(one.name)}`, class: "tiny danger", onclick: async () => {
        close();
        await saying(removeMessage(one.id), `${visible(one.name)} is deleted`);
        if (open?.id === one.id) show(null);
      } }))), found.items.length === 0 && h("p", { class: "note" }, icon("info"), "None is kept for this URL.")), saved);
  } });
  const go = button({ icon: "send", label: "Send the message", word: "Send", class: "line", onclick: () => void send() });
  go.title = "Send the message (Ctrl+Enter)";
  const send = async () => {
    const { id, live } = editor.conversation, value = text.value;
    if (!live) return fault.say("Connect first.");
    try {
      await sendMessage(id, format.value === "hex" ? { hex: value } : format.value === "base64" ? { base64: value } : { text: value });
      fault.say("");
    } catch (error) {
      fault.say(error);
    }
  };
  const update = () => {
    layOut.hidden = !laidOut(/** @type {Format} */ (format.value));
    go.disabled = !editor.conversation.open;
  };
  const element = h("div", { class: "pane body" }, h("div", { class: "sub wrap" }, format, layOut, name, h("span", { class: "grow" }), saved, keep, go), text, h("div", { class: "pad" }, fault.element));
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    event.stopPropagation();
    void send();
  });
  update();
  return { element, update };
}
