// Header fields in their order, secrets hidden until asked for, long lists folded.

import { copyButton } from "../copy.js";
import { button, h } from "../dom.js";
import { plural, visible } from "../format.js";
import { isSecret, masked } from "./secrets.js";

/** @import { Field } from "../api-types.js" */

const FEW = 12;

/**
 * @param {{ title: string, fields: Field[], line?: string, what: string, aside?: Record<string, string> }} of
 *   `line` is the first line of the message, `what` names the copy, `aside` says more about a field by its name
 */
export function headers({ title, fields, line, what, aside = {} }) {
  const secrets = fields.filter(({ name }) => isSecret(name)).length;
  let revealed = false, whole = fields.length <= FEW + 2;
  const list = h("dl", { class: "kv wire" }), more = h("div", { class: "sub" });
  const reveal = button({ icon: "eye", word: "Reveal", class: "tiny", onclick: () => {
    revealed = !revealed;
    show();
  } });
  const show = () => {
    const shown = whole ? fields : fields.slice(0, FEW);
    list.replaceChildren(...shown.flatMap((field) => [h("dt", null, visible(field.name) || h("span", { class: "dim" }, "not a field")), value(field, revealed, aside[field.name.toLowerCase()])]));
    reveal.lastChild?.replaceWith(revealed ? "Hide" : `Reveal ${plural(secrets, "secret")}`);
    reveal.setAttribute("aria-pressed", String(revealed));
    more.replaceChildren(...(whole ? [] : [button({ icon: "right", label: "more", word: `${fields.length - FEW} more`, class: "tiny", onclick: () => {
      whole = true;
      show();
    } })]));
    more.hidden = whole;
  };
  show();
  const text = () => [line ?? "", ...fields.map(({ name, value }) => `${name}: ${value}`)].filter(Boolean).join("\n");
  return [
    h("div", { class: "sub" }, h("h2", null, title), h("span", { class: "dim" }, fields.length), h("span", { class: "grow" }),
      secrets > 0 && reveal, fields.length > 0 && copyButton({ label: `Copy ${what}`, what: secrets ? `${what}, secrets included` : what, text })),
    list,
    more,
  ];
}

/**
 * @param {Field} field
 * @param {boolean} revealed
 * @param {string} [aside]
 */
function value({ name, value: text, bytes }, revealed, aside) {
  const secret = isSecret(name) && !revealed;
  return h("dd", null, ...(secret ? masked(name, visible(text)) : [visible(text)]),
    aside && h("span", { class: "dim" }, `  ${aside}`),
    bytes !== undefined && !secret && h("span", { class: "dim" }, " not UTF-8: the odd bytes are replaced here"));
}
