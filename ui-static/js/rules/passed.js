// Hosts that are not intercepted: which, why, and since when.

import { button, h, icon } from "../dom.js";
import { faultLine } from "../fault.js";
import { clock, count, day, visible } from "../format.js";
import { command } from "../notices.js";
import { intercept, letThrough, whyPassed } from "../passthrough.js";
import { store } from "../state.js";
import { tableOf } from "../table-of.js";

/** @import { PassOrigin, PassedHost } from "../api-types.js" */

/** @type {Record<PassOrigin, { shape: string, color: string, word: string }>} */
const ORIGINS = {
  flag: { shape: "s-ok", color: "mid", word: "Setting" },
  user: { shape: "s-pass", color: "pass", word: "You" },
  automatic: { shape: "s-client", color: "client", word: "Automatic" },
};

/** The list, and a form that adds to it. */
export function passedPart() {
  const number = h("span", { class: "dim" }), list = h("div"), automatic = h("p", { class: "note" });
  const field = h("input", { class: "field mono", type: "text", id: "pattern", autocomplete: "off", autocapitalize: "off", spellcheck: "false", placeholder: "bank.test, *.bank.test or bank.test:8443", "aria-describedby": "pattern-error" });
  const fault = faultLine(field), add = h("button", { class: "btn line", type: "submit" }, icon("plus"), "Add");
  fault.element.id = "pattern-error";
  const form = h("form", { class: "addhost" }, h("label", { for: "pattern" }, "Host"), field, add, fault.element);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const pattern = field.value.trim();
    if (!pattern) return fault.say("Write a host, such as bank.test.");
    add.disabled = true;
    try {
      await letThrough(pattern);
      field.value = "";
      fault.say("");
      field.focus();
    } catch (error) {
      fault.say(error);
    } finally {
      add.disabled = false;
    }
  });
  store.watch(["passthrough"], ({ passthrough }) => {
    const items = passthrough?.items ?? [];
    number.textContent = passthrough ? count(items.length) : "";
    automatic.hidden = !passthrough;
    automatic.replaceChildren(icon("info"), h("span", { class: "grow" }, passthrough?.automatic
      ? "A host gets here by itself when a client rejects Waylay's certificate for it again and again. You are told, and can take it off again."
      : "No host gets here by itself: automatic passthrough is switched off."));
    if (items.length > 0) list.replaceChildren(table(items));
    else list.replaceChildren(...(passthrough ? [h("p", { class: "note" }, icon("info"), h("span", { class: "grow" }, "No host is passed through: everything is intercepted. On the command line:")), h("div", { class: "pad" }, command("waylay passthrough add bank.test"))] : []));
  });
  return [h("div", { class: "sub" }, h("h2", null, "Passed through"), number),
    h("p", { class: "note" }, icon("pass"), h("span", { class: "grow" }, "Connections to these hosts are relayed byte for byte and not read: the client sees the host's own certificate. Connections that are open already stay as they are.")),
    form, list, automatic];
}

/** @param {PassedHost[]} items */
function table(items) {
  return tableOf("hosts", ["Host", "From", "Why", "Since", ""], items.map(row));
}

/** @param {PassedHost} item */
function row(item) {
  const { pattern, origin, added_us: added } = item, { shape, color, word } = ORIGINS[origin] ?? ORIGINS.user, label = `Intercept ${pattern} again`;
  return h("tr", null,
    h("td", { class: "mono" }, visible(pattern)),
    h("td", null, h("span", { class: `st ${color}` }, icon(shape, "i12"), word)),
    h("td", { class: "mid" }, whyPassed(item), item.client && h("span", { class: "dim" }, ` For ${visible(item.client)} only.`)),
    h("td", { class: "dim", title: day(added) }, since(added)),
    h("td", null, button({ icon: "x", label, class: "tiny", onclick: () => void intercept(pattern) })));
}

/** @param {number} us The time of today, or else the day. */
const since = (us) => (new Date(us / 1000).toDateString() === new Date().toDateString() ? clock(us).slice(0, 5) : day(us));
