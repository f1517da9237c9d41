// Copying to the clipboard, and saying so.

import { button, sprite } from "./dom.js";
import { notify } from "./state.js";

/**
 * @param {string | Promise<string>} text a promise too: browsers want the call to follow the key press at once
 * @param {string} what named in the footer, such as `the path`
 */
export async function copy(text, what) {
  try {
    if (typeof text === "string") await navigator.clipboard.writeText(text);
    else await navigator.clipboard.write([new ClipboardItem({ "text/plain": text.then((ready) => new Blob([ready], { type: "text/plain" })) })]);
    notify(`Copied ${what}`);
    return true;
  } catch {
    notify("Not copied: the browser refused the clipboard");
    return false;
  }
}

/**
 * A button that copies and shows a tick for a moment.
 * @param {{ label: string, word?: string, key?: string, class?: string, what: string, text: () => string | Promise<string> }} of
 */
export function copyButton({ text, what, ...of }) {
  const made = button({
    icon: "copy",
    class: "tiny",
    ...of,
    onclick: async () => {
      const use = made.querySelector("use");
      if (!(await copy(text(), what)) || !use) return;
      use.setAttribute("href", sprite("check"));
      setTimeout(() => use.setAttribute("href", sprite("copy")), 1200);
    },
  });
  return made;
}
