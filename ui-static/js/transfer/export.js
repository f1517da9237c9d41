// Export as HAR: what, and whether secrets go along.

import { harUrl } from "../api-control.js";
import { openDialog } from "../dialog.js";
import { h } from "../dom.js";
import { command } from "../notices.js";
import { notify } from "../state.js";

/**
 * @param {{ filter: string }} what
 * @param {string} words what is exported, such as `3 exchanges`
 */
export function showExport({ filter }, words) {
  const choice = (/** @type {"redact" | "keep"} */ value, /** @type {string} */ word, /** @type {string} */ why, checked = false) => {
    const box = h("input", { type: "radio", name: "secrets", value });
    box.checked = checked;
    box.addEventListener("change", show);
    return { value, box, element: h("label", { class: "check tall" }, box, h("span", null, h("b", null, word), h("span", { class: "dim" }, ` ${why}`))) };
  };
  const line = h("div");
  const show = () => line.replaceChildren(command(`waylay export har ${filter ? `'${filter.replaceAll("'", "'\\''")}' ` : ""}-o export.har${secrets() === "keep" ? " --secrets keep" : ""}`));
  const choices = [
    choice("redact", "Replace secrets", "Cookies, tokens and passwords become placeholders; the same secret gets the same one.", true),
    choice("keep", "Keep secrets", "The file can sign in as you: do not pass it on."),
  ];
  const secrets = () => choices.find(({ box }) => box.checked)?.value ?? "redact";
  const save = h("a", { class: "btn primary", download: "waylay.har", onclick: () => {
    save.href = harUrl(filter, secrets());
    notify(`Exporting ${words}: the browser saves the file`);
    setTimeout(() => dialog.close());
  } }, "Export");
  save.href = harUrl(filter, "redact");
  const dialog = openDialog({ title: `Export ${words}`, lead: "HAR 1.2 with bodies, messages, timings and failures.", class: "small", act: save },
    h("div", { role: "radiogroup", "aria-label": "Secrets" }, ...choices.map(({ element }) => element)), line);
  show();
  choices[0].box.focus();
}
