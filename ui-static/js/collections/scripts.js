// Scripts that came with a collection: they can be read, and are not run.

import { h, icon } from "../dom.js";
import { visible } from "../format.js";
import { scriptText } from "./model.js";

/** What Postman calls the times at which a script would run. @type {Record<string, string>} */
const WHEN = { prerequest: "Before a request", test: "After a response" };
/** Characters of one that are shown. */
const LONGEST = 100_000;

/** @param {unknown[]} scripts */
export function scriptsView(scripts) {
  return h("div", { class: "scroll body", tabindex: 0, "aria-label": "Scripts" }, h("p", { class: "note" }, icon("info"), h("span", null, h("b", null, "Not run."), " They came with the collection, are kept as they are, and go out with an export.")),
    ...scripts.flatMap((script) => {
      const { when, text } = scriptText(/** @type {any} */ (script));
      return [h("div", { class: "sub ruled" }, h("h3", null, WHEN[when] ?? visible(when))), h("pre", { class: "code" }, text.slice(0, LONGEST).split("\n").map(visible).join("\n"))];
    }));
}
