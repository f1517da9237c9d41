// What the first screen does without: modules and their style sheet, fetched when first wanted.

import { notify } from "./state.js";

/** @type {Promise<unknown> | null} */
let styles = null;

/**
 * A module with the styles it needs. If the daemon is gone, says so and answers `null`.
 * @template T
 * @param {() => Promise<T>} load
 * @returns {Promise<T | null>}
 */
export async function lazy(load) {
  try {
    const [part] = await Promise.all([load(), (styles ??= sheet("/parts.css"))]);
    return part;
  } catch {
    styles = null;
    notify("This cannot be shown: the daemon does not answer");
    return null;
  }
}

/** @param {string} href */
function sheet(href) {
  const link = document.createElement("link");
  const loaded = new Promise((done, fail) => {
    link.addEventListener("load", done);
    link.addEventListener("error", () => {
      link.remove();
      fail(new Error("no styles"));
    });
  });
  link.rel = "stylesheet";
  link.href = href;
  document.head.append(link);
  return loaded;
}
