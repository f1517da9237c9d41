// A collection as a file: in which version, and whether secrets go along.

import { collectionUrl } from "../api-collections.js";
import { openDialog } from "../dialog.js";
import { h } from "../dom.js";
import { choice } from "../editor/ink.js";
import { visible } from "../format.js";
import { command } from "../notices.js";
import { notify } from "../state.js";

/** @param {number} id @param {string} name */
export function showCollectionExport(id, name) {
  const how = { format: "2.1", secrets: "redact", archive: "none" }, line = h("div");
  const pick = (/** @type {keyof typeof how} */ what, /** @type {string} */ label, /** @type {[string, string][]} */ options) => [h("span", { class: "l" }, label), choice(label, options, how[what], (value) => {
    how[what] = value;
    show();
  })];
  const save = h("a", { class: "btn primary", download: "", onclick: () => {
    notify(`Exporting ${visible(name)}: the browser saves the file`);
    setTimeout(() => dialog.close());
  } }, "Export");
  const show = () => {
    save.href = collectionUrl(id, how);
    line.replaceChildren(command(`waylay collection export ${id} -o ${how.archive === "zip" ? "collection.zip" : "collection.json"}${how.format === "2.1" ? "" : ` --format ${how.format}`}${how.secrets === "keep" ? " --secrets keep" : ""}`));
  };
  const dialog = openDialog({ title: `Export ${visible(name)}`, lead: "A Postman collection: what a file said that is not known here goes out again.", class: "medium", act: save },
    h("div", { class: "form" }, ...pick("format", "Version", [["2.1", "2.1"], ["2.0", "2.0"]]), ...pick("secrets", "Secrets", [["redact", "Replace them: the same secret gets the same placeholder"], ["keep", "Keep them: the file can sign in as you"]]),
      ...pick("archive", "File", [["none", "JSON"], ["zip", "Zip, with the files of bodies that are no text"]])), line);
  show();
  save.focus();
}
