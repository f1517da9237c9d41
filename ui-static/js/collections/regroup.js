// Captured requests of a collection, named and put into folders anew by templates.

import { regroup } from "../api-collections.js";
import { openForm } from "../dialog.js";
import { h } from "../dom.js";
import { faultLine } from "../fault.js";
import { count, visible } from "../format.js";
import { notify } from "../state.js";
import { known, outline, refreshCollections } from "./known.js";

/** @import { Outline } from "./types.js" */

/** @param {number} id @param {string} name */
export async function askTemplates(id, name) {
  await outline(id);
  const text = h("textarea", { class: "field mono", id: "templates", rows: 6, spellcheck: "false", placeholder: "/users/:id\napi.example.com/v2/orders/:order/items", value: [...new Set(pathsOf(known.state.outlines.get(id) ?? []))].join("\n") });
  openForm({ title: `Endpoints of ${visible(name)}`, word: "Apply", lead: "What changes from request to request is written as :name. Captured requests are named and put into folders by these; names that you gave stay.", fault: faultLine(text) },
    [h("label", { for: "templates" }, "One per line; -me behind it: me is no variable"), text], async () => {
      const { renamed, moved, merged } = await regroup(id, text.value.split("\n").map((line) => line.trim()).filter(Boolean).map((line) => {
        const [path, ...exceptions] = line.split(/\s+-?/), at = path.indexOf("/");
        return { host: path.slice(0, Math.max(0, at)), template: path.slice(Math.max(0, at)), exceptions };
      }));
      notify(`${count(renamed)} renamed, ${count(moved)} moved, ${count(merged)} merged`);
      await refreshCollections();
    });
  text.focus();
}

/** Paths with variables, as the requests are named by them. @param {Outline[]} nodes @returns {string[]} */
const pathsOf = (nodes) => nodes.flatMap(({ name, children = [] }) => [...(/(?:^| )(\/\S*:\S*)$/.exec(name)?.slice(1) ?? []), ...pathsOf(children)]);
