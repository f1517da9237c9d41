// The choices of a chip, with how often each occurs in what the rest of the filter lets through.

import { ApiError } from "../api.js";
import { facets } from "../api-control.js";
import { h } from "../dom.js";
import { count, visible } from "../format.js";
import { openPopover } from "../popover.js";
import { go } from "../route.js";
import { scopeOf, within } from "../scope.js";
import { store } from "../state.js";
import { classes } from "./groups.js";
import { chosen, withChosen } from "./terms.js";

/** @import { Facets, Group, Property } from "../api-types.js" */

/** Choices that are listed. */
const MOST = 200;

/**
 * @param {Property} key
 * @param {string} word
 * @param {HTMLElement} chip the menu opens under it
 */
export async function openMenu(key, word, chip) {
  const list = h("div", { class: "scroll choices", role: "group", "aria-label": word }), note = h("p", { class: "dim pad", hidden: true });
  const find = h("input", { class: "field", type: "search", "aria-label": `Find a ${word.toLowerCase()}`, placeholder: "Find", autocomplete: "off", spellcheck: "false" });
  const asking = new AbortController();
  openPopover(h("div", { class: "menu", role: "dialog", "aria-label": `Filter by ${word.toLowerCase()}` }, key === "host" ? h("div", { class: "pad" }, find) : null, list, note), chip, () => asking.abort());
  list.append(h("p", { class: "dim pad" }, "Counting…"));
  try {
    const rest = withChosen(store.state.route.filter, key, []), found = await facets(within(rest, scopeOf(store.state)).text, asking.signal);
    const show = () => list.replaceChildren(...choices(key, found, find.value.trim().toLowerCase()));
    find.addEventListener("input", show);
    show();
    note.hidden = found.all;
    note.textContent = `Counted in the newest ${count(found.counted)}`;
    /** @type {HTMLElement | null} */ (key === "host" ? find : list.querySelector("input"))?.focus();
  } catch (error) {
    if (error instanceof ApiError) list.replaceChildren(h("p", { class: "server pad" }, error.message));
  }
}

/**
 * @param {Property} key
 * @param {Facets} found
 * @param {string} wanted part of what is looked for
 */
function choices(key, found, wanted) {
  const now = chosen(store.state.route.filter, key);
  /** @type {Group[]} */
  const groups = [...(key === "status" ? classes(found.status) : []), ...found[key]].filter(({ value }) => value !== "");
  const gone = now.filter((value) => !groups.some((group) => group.value === value)).map((value) => ({ value, exchanges: 0, bytes: 0, failures: 0 }));
  const shown = [...gone, ...groups].filter(({ value }) => value.toLowerCase().includes(wanted)).slice(0, MOST);
  if (shown.length === 0) return [h("p", { class: "dim pad" }, wanted ? "Nothing like it" : "Nothing to choose from")];
  return shown.map(({ value, exchanges }) => {
    const box = h("input", { type: "checkbox" });
    box.checked = now.includes(value);
    box.addEventListener("change", () => {
      const others = chosen(store.state.route.filter, key).filter((one) => one !== value);
      go({ filter: withChosen(store.state.route.filter, key, box.checked ? [...others, value] : others) }, { replace: true });
    });
    return h("label", { class: "item" }, box, h("span", { class: "trunc" }, visible(value)), h("span", { class: "r" }, count(exchanges)));
  });
}
