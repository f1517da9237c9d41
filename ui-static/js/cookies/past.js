// A jar as it was when an exchange began: what a client with its cookies had then.

import { jarAt, jars } from "../api-cookies.js";
import { openDialog } from "../dialog.js";
import { h } from "../dom.js";
import { choice } from "../editor/ink.js";
import { exchangeLink } from "../exchange-link.js";
import { plural, visible } from "../format.js";
import { reasonOf, saying } from "../reason.js";
import { askName } from "../sessions/ask.js";
import { moment } from "../sessions/words.js";
import { tableOf } from "../table-of.js";
import { jarName } from "./jars.js";
import { named, shown } from "./words.js";

/** @param {number} jar Asks for the exchange. */
export async function askPast(jar) {
  const exchange = await askName("The jar as it was at an exchange", "", { label: "Exchange", act: "Show" });
  if (exchange) await showPast(exchange, jar);
}

/** @param {string} exchange @param {number} [jar] the default one unless told */
export async function showPast(exchange, jar) {
  const { items } = (await saying(jars(), "")) ?? { items: [] };
  let id = jar ?? items.find((one) => one.default)?.id ?? 0, asked = 0;
  const said = h("span", { class: "dim grow", role: "status" }), body = h("tbody"), values = h("input", { type: "checkbox", onchange: () => void load() });
  const load = async () => {
    const mine = ++asked;
    try {
      const { at_us: at, items } = await jarAt(id, exchange, values.checked);
      if (mine !== asked) return;
      said.textContent = `${plural(items.length, "cookie")}, ${moment(at)}`;
      body.replaceChildren(...items.map(({ name, value, domain, host_only: alone, path, at_us: since, exchange: from }) => h("tr", null, h("td", { class: "mono" }, named(name)), h("td", { class: "mono" }, shown(value)),
        h("td", null, `${alone ? "" : "."}${visible(domain)}${path === "/" ? "" : visible(path)}`), h("td", { class: "dim" }, moment(since)), h("td", null, from && exchangeLink(from)))), items.length ? "" : h("tr", null, h("td", { colspan: 5, class: "dim" }, "Nothing was in it.")));
    } catch (error) {
      said.textContent = reasonOf(error);
      body.replaceChildren();
    }
  };
  const dialog = openDialog({ title: `Cookies as they were at ${visible(exchange)}`, class: "wide", lead: "What was in the jar when that exchange began. Changes since are undone in this view only." },
    h("div", { class: "bar" }, choice("Jar", items.map((one) => [String(one.id), jarName(one)]), String(id), (to) => {
      id = Number(to);
      void load();
    }), h("label", { class: "check" }, values, "Reveal values"), said), tableOf("t-past", ["Name", "Value", "Domain and path", "Since", "Exchange"], body));
  // A link leads away from it.
  dialog.addEventListener("click", ({ target }) => target instanceof Element && target.closest("td a") && dialog.close());
  await load();
}
