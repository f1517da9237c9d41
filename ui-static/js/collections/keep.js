// A request that was written or captured is kept in a collection.

import { addCollection, addItem } from "../api-collections.js";
import { openDialog } from "../dialog.js";
import { button, h } from "../dom.js";
import { field } from "../editor/ink.js";
import { known, changing } from "./known.js";
import { placeFields } from "./place.js";

/** @import { Draft } from "../api-types.js" */

/**
 * Asks where, and keeps it there.
 * @param {Draft} request
 * @param {string} from the captured exchange it began with, or empty
 * @param {(id: number) => void} done
 */
export function keepRequest(request, from, done) {
  let name = nameOf(request);
  const place = placeFields({ name: "My requests" });
  const called = field("Name of the request", name, (text) => (name = text), { class: "field", maxlength: 200, id: "kept-name" });
  const save = button({ word: "Save", class: "primary", onclick: async () => {
    const made = await changing(keep(), "Saved");
    if (!made) return;
    dialog.close();
    done(made.id);
  } });
  const keep = async () => {
    const { collection, parent, name: into } = place.place;
    const id = collection ?? (await addCollection({ name: into.trim() || "My requests" })).id;
    return addItem(id, { parent: collection === null ? null : parent, item: { kind: "request", name: name.trim() || nameOf(request), request, ...(from && { from }) } });
  };
  const dialog = openDialog({ title: "Save the request", class: "medium", act: save },
    h("div", { class: "form" }, h("label", { for: "kept-name" }, "Name"), called, h("span", { class: "l" }, "Into"), place.element));
  const [first] = known.state.items ?? [];
  if (first) place.pick(String(first.id));
  called.addEventListener("keydown", (event) => event.key === "Enter" && save.click());
  called.focus();
  called.select();
}

/** `GET /users/7`. @param {Draft} request */
const nameOf = ({ method = "GET", url }) => `${method || "GET"} ${url.replace(/^[a-z]+:\/\/[^/?#]*|[?#].*$/gi, "") || "/"}`.slice(0, 120);
