// What is said of a saved request besides what is sent: a description, values of its own, scripts.

import { ownVariables, tableRows } from "../collections/model.js";
import { scriptsView } from "../collections/scripts.js";
import { h } from "../dom.js";
import { FieldTable } from "./field-table.js";
import { heading } from "./fields.js";

/** @import { SavedModel } from "../collections/types.js" */
/** @import { Part } from "./fields.js" */
/** @import { RequestEditor } from "./request.js" */

/** @param {RequestEditor} editor @returns {Part} */
export function aboutPart(editor) {
  const model = /** @type {SavedModel} */ (editor.item?.item), scripts = model?.scripts ?? [];
  const text = h("textarea", { class: "text", "aria-label": "Description", placeholder: "Description, in Markdown", value: model?.description ?? "", oninput: () => {
    model.description = text.value || null;
    editor.changed();
  } });
  return { element: h("div", { class: "pane body" }, heading("Description", "Markdown, shown as it is written"), text, scripts.length > 0 && scriptsView(scripts)) };
}

/** Values for this request alone. @param {RequestEditor} editor */
export function ownTable(editor) {
  const model = /** @type {SavedModel} */ (editor.item?.item), rows = tableRows(model.variables ?? []);
  const table = new FieldTable(rows, { what: "variable", kind: "variable", secret: ({ type }) => type === "secret", onchange: () => {
    model.variables = ownVariables(rows);
    editor.changed();
  } });
  return [heading("Own variables", "for this request alone"), table.element];
}
