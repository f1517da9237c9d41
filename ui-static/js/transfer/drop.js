// Files dropped onto the window are imported.

import { h, icon } from "../dom.js";
import { lazy } from "../lazy.js";

/** @param {File} file */
export const importDropped = (file) => void lazy(() => import("./import.js")).then((part) => part?.showImport(file));

/** Watches the whole window. */
export function dropFiles() {
  const veil = h("div", { class: "drop", hidden: true, "aria-hidden": "true" }, h("p", null, icon("import"), "Drop a HAR file to import it"));
  const carries = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
  document.body.append(veil);
  addEventListener("dragenter", (event) => carries(event) && (veil.hidden = false));
  addEventListener("dragover", (event) => carries(event) && event.preventDefault());
  addEventListener("dragleave", (event) => event.relatedTarget === null && (veil.hidden = true));
  addEventListener("drop", (event) => {
    veil.hidden = true;
    if (!carries(event)) return;
    event.preventDefault();
    const [file] = event.dataTransfer?.files ?? [];
    if (file) importDropped(file);
  });
}

/** Asks which file. */
export function chooseFile() {
  const field = h("input", { type: "file", accept: ".har,application/json", hidden: true });
  field.addEventListener("change", () => {
    const [file] = field.files ?? [];
    if (file) importDropped(file);
    field.remove();
  });
  field.addEventListener("cancel", () => field.remove());
  document.body.append(field);
  field.click();
}
