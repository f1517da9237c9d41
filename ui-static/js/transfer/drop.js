// Files dropped onto the window, and text pasted where no field is, are imported.

import { h, icon } from "../dom.js";
import { lazy } from "../lazy.js";

/** What pasted text must look like: a command, JSON, or an address. */
const LIKELY = /^\s*(?:\$\s*)?curl(?:\.exe)?\s|^\s*\{[\s\S]*\}\s*$|^\s*https:\/\/\S+\s*$/;

/** @param {Iterable<File>} files */
export const importFiles = (files) => void lazy(() => import("./import.js")).then((part) => part?.importFiles([...files]));

/** Asks what is to be imported: a file, pasted text, an address. @param {string} [text] */
export const chooseImport = (text) => void lazy(() => import("./import.js")).then((part) => part?.askImport(typeof text === "string" ? text : ""));

/**
 * Watches the whole window.
 * @param {() => { take: (files: File[], text: string) => void } | null | false} owner the screen that takes them, if it is not for the general import
 */
export function dropFiles(owner) {
  const words = h("span"), veil = h("div", { class: "drop", hidden: true, "aria-hidden": "true" }, h("p", null, icon("import"), words));
  const carries = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
  document.body.append(veil);
  addEventListener("dragenter", (event) => {
    if (!carries(event)) return;
    veil.hidden = false;
    words.textContent = `Drop a file to import it: ${owner() ? "cookies.txt, storageState, Cookie-Editor" : "HAR, collection, environment, curl, zip"}`;
  });
  addEventListener("dragover", (event) => carries(event) && event.preventDefault());
  addEventListener("dragleave", (event) => event.relatedTarget === null && (veil.hidden = true));
  addEventListener("drop", (event) => {
    veil.hidden = true;
    if (!carries(event)) return;
    event.preventDefault();
    const files = [...(event.dataTransfer?.files ?? [])], taker = owner();
    if (taker && files.length) taker.take(files, "");
    else if (files.length) importFiles(files);
  });
  addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "", free = !(event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement);
    const taker = owner();
    if (!free || document.querySelector("dialog[open]") || !(taker ? text.trim() : LIKELY.test(text))) return;
    event.preventDefault();
    if (taker) taker.take([], text);
    else chooseImport(text);
  });
}
