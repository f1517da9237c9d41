// The endpoints that were found: hosts and paths with what changes in them named. They can be written otherwise, and are then applied anew.

import { h } from "../dom.js";
import { field } from "../editor/ink.js";
import { count, visible } from "../format.js";

/** @import { Template } from "./types.js" */

/** Endpoints that are listed. */
const MOST = 200;

/** @param {(templates: Template[]) => void} onchange gets those that were written by hand */
export function templateFields(onchange) {
  /** @type {Map<string, Template>} What was written, by what was found. */
  const written = new Map();
  const list = h("ol", { class: "templates scroll" }), summary = h("summary"), element = h("details", { class: "endpoints" }, summary, h("p", { class: "note" }, "What changes from request to request is written as :name. Write it otherwise, or plainly, and the preview follows."), list);
  let drawn = "";
  return {
    element,
    /** @param {Template[]} found */
    show(found) {
      const known = found.slice(0, MOST), key = known.map(({ host, template }) => `${host} ${template}`).join("\n");
      element.hidden = found.length === 0;
      summary.textContent = `Endpoints ${count(found.length)}`;
      // While one is being written, the list stays as it is.
      if (key === drawn || list.contains(document.activeElement)) return;
      drawn = key;
      list.replaceChildren(...known.map(({ host, template, count: times, inferred }) => {
        const now = `${host} ${template}`;
        return h("li", null, h("span", { class: "dim trunc" }, visible(host)), field(`Endpoint ${visible(template)} of ${visible(host)}`, template, (text) => {
          const to = text.trim();
          if (to.startsWith("/")) written.set(now, { host, template: to });
          onchange([...written.values()]);
        }), h("span", { class: "r dim" }, [times && `${count(times)}×`, inferred && "found"].filter(Boolean).join(", ")));
      }));
    },
  };
}
