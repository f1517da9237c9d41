// The palette: commands, earlier filters and exchanges by a few letters.

import { h, icon } from "../dom.js";
import { clock, visible } from "../format.js";
import { show } from "../dialog.js";
import { recent } from "../filter/recent.js";
import { go } from "../route.js";
import { store } from "../state.js";
import { KINDS } from "../table/columns.js";
import { outcome, outcomeMark } from "../table/outcome.js";
import { DONE, FAILED, PASSED } from "../table/columns.js";
import { commands } from "./commands.js";
import { best } from "./match.js";

/** @import { LiveScreen } from "../live.js" */

/** Lines of each group. */
const COMMANDS = 8, FILTERS = 3, EXCHANGES = 5;

/** @typedef {{ group: string, text: string, look: (text: Node[]) => Node[], more: string, act: () => unknown }} Line */

/** @param {LiveScreen} live */
export function openPalette(live) {
  if (document.querySelector("dialog[open]")) return;
  const field = h("input", { type: "text", role: "combobox", "aria-label": "Command, filter or exchange", "aria-expanded": "true", "aria-controls": "palette-list", autocomplete: "off", spellcheck: "false", placeholder: "Command, filter or exchange" });
  const list = h("div", { id: "palette-list", role: "listbox", class: "scroll", "aria-label": "Matches" }), none = h("p", { class: "dim pad", hidden: true }, "Nothing like it");
  const key = (/** @type {string} */ name, /** @type {string} */ word) => [h("kbd", null, name), word];
  const dialog = show(h("dialog", { class: "dlg pal", "aria-label": "Command palette" }, h("div", { class: "q" }, field), list, none, h("footer", null, ...key("↑", ""), ...key("↓", "choose"), ...key("Enter", "run"), ...key("Esc", "close"))));
  /** @type {Line[]} */
  let lines = [];
  let at = 0;
  const run = (/** @type {number} */ n) => {
    dialog.close();
    void lines[n]?.act();
  };
  const choose = (/** @type {number} */ to) => {
    const options = list.querySelectorAll("[role=option]");
    options[at]?.setAttribute("aria-selected", "false");
    at = (to + lines.length) % Math.max(1, lines.length);
    options[at]?.setAttribute("aria-selected", "true");
    options[at]?.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", lines.length ? `palette-${at}` : "");
  };
  const fill = () => {
    const wanted = field.value.trim();
    lines = [...found(commandLines(live), wanted, COMMANDS), ...found(filterLines(wanted), wanted, FILTERS), ...(wanted ? exchangeLines(live, wanted) : [])];
    const parts = lines.flatMap((line, n) => {
      const option = h("div", { class: "item", role: "option", id: `palette-${n}`, "aria-selected": "false", onclick: () => run(n) }, ...line.look(marked(line.text, wanted)), h("span", { class: "r" }, line.more));
      return line.group === lines[n - 1]?.group ? [option] : [h("div", { class: "gh", role: "presentation" }, line.group), option];
    });
    list.replaceChildren(...parts);
    none.hidden = lines.length > 0;
    choose(0);
  };
  field.addEventListener("input", fill);
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") choose(at + (event.key === "ArrowDown" ? 1 : -1));
    else if (event.key === "Enter") run(at);
    else return;
    event.preventDefault();
  });
  fill();
  field.focus();
}

/**
 * @param {LiveScreen} live
 * @returns {Line[]}
 */
const commandLines = (live) => commands(live).map(({ icon: shape, word, more = "", act }) => ({ group: "Commands", text: word, look: (text) => [icon(shape), h("span", { class: "trunc" }, ...text)], more, act }));

/**
 * Earlier filters, and what was written as a filter of its own.
 * @param {string} wanted
 * @returns {Line[]}
 */
function filterLines(wanted) {
  const apply = (/** @type {string} */ filter) => go({ ...(store.state.route.screen === "live" || store.state.route.session !== null ? {} : { screen: "live" }), filter });
  return [...(wanted ? [wanted] : []), ...recent()].filter((one, n, all) => all.indexOf(one) === n)
    .map((filter) => ({ group: "Filters", text: filter, look: (text) => [icon("filter"), h("span", { class: "trunc mono" }, ...text)], more: filter === wanted ? "filter by this" : "", act: () => apply(filter) }));
}

/**
 * The newest loaded exchanges whose line has the text.
 * @param {LiveScreen} live
 * @param {string} wanted
 */
function exchangeLines({ feed: { columns, order } }, wanted) {
  const { texts, numbers, status, kind, flags } = columns, text = wanted.toLowerCase();
  /** @type {Line[]} */
  const lines = [];
  for (let n = order.length - 1; n >= 0 && lines.length < EXCHANGES; n--) {
    const slot = order.slots[n], line = `${texts.method[slot]} ${texts.host[slot]}${texts.path[slot]}`, id = columns.id(slot);
    if (!line.toLowerCase().includes(text) && id !== wanted) continue;
    const mark = outcomeMark(outcome({ kind: KINDS[kind[slot]], status: status[slot], grpc: numbers.grpc[slot], passed: (flags[slot] & PASSED) !== 0, done: (flags[slot] & DONE) !== 0, failed: (flags[slot] & FAILED) !== 0 }));
    lines.push({ group: "Exchanges", text: line, look: (parts) => [mark, h("span", { class: "trunc" }, ...parts)], more: clock(numbers.started[slot]).slice(0, 8), act: () => go({ screen: "exchange", id }) });
  }
  return lines;
}

/**
 * @param {Line[]} lines
 * @param {string} wanted
 * @param {number} most
 */
const found = (lines, wanted, most) => best(lines, ({ text }) => text, wanted).slice(0, most);

/**
 * A text with what is looked for in bold.
 * @param {string} text
 * @param {string} wanted
 * @returns {Node[]}
 */
function marked(text, wanted) {
  const at = wanted ? text.toLowerCase().indexOf(wanted.toLowerCase()) : -1, of = (/** @type {string} */ part) => document.createTextNode(visible(part));
  return at < 0 ? [of(text)] : [of(text.slice(0, at)), h("b", null, visible(text.slice(at, at + wanted.length))), of(text.slice(at + wanted.length))];
}
