// One message of an exchange: its header fields, its body, its trailers, and what of it went upstream differently.

import { h } from "../dom.js";
import { bytes, visible } from "../format.js";
import { BodyView } from "./body.js";
import { headers } from "./headers.js";
import { isSecret, masked } from "./secrets.js";

/** @import { Detail, Field } from "../api-types.js" */

export class MessagePanel {
  /**
   * @param {Detail} exchange
   * @param {"request" | "response"} part
   */
  constructor(exchange, part) {
    const message = exchange[part], label = part === "request" ? "Request" : "Response";
    if (!message) {
      const why = exchange.done ? "No response arrived." : "No response yet.";
      this.element = h("div", { class: "pane body" }, h("p", { class: "note" }, why));
      return;
    }
    this.body = new BodyView(exchange.id, part, message);
    const parts = [
      ...headers({ title: "Headers", fields: message.headers, line: message.line, what: `the ${part} headers`, aside: { "content-encoding": `${bytes(message.body.size)} on the wire` } }),
      ...(part === "request" && exchange.sent ? sentChanges(message.headers, exchange.sent.headers) : []),
      this.body.element,
      ...(message.trailers.length ? [h("div", { class: "ruled" }), ...headers({ title: "Trailers", fields: message.trailers, what: "the trailers" })] : []),
    ];
    this.element = h("div", { class: "pane body" }, h("div", { class: "scroll body", tabindex: 0, "aria-label": `${label} headers and body` }, ...parts), this.body.bar);
  }

  close() {
    this.body?.close();
  }
}

/**
 * The fields that were taken out and put in on the way to the origin.
 * @param {Field[]} before
 * @param {Field[]} after
 * @returns {Node[]}
 */
function sentChanges(before, after) {
  const key = (/** @type {Field} */ { name, value }) => `${name.toLowerCase()}: ${value}`;
  const had = new Set(before.map(key)), has = new Set(after.map(key));
  const out = before.filter((field) => !has.has(key(field))), put = after.filter((field) => !had.has(key(field)));
  if (out.length + put.length === 0) return [];
  const line = (/** @type {Field} */ { name, value }, /** @type {"del" | "add"} */ look) => [
    h("span", { class: `g ${look}` }, look === "del" ? "−" : "+"),
    h("span", { class: look }, `${visible(name)}: `, ...(isSecret(name) ? masked(name, visible(value)) : [visible(value)])),
  ];
  return [
    h("div", { class: "sub ruled" }, h("h2", null, "Sent upstream"), h("span", { class: "dim" }, "what Waylay took out and put in")),
    h("div", { class: "dl" }, ...out.flatMap((field) => line(field, "del")), ...put.flatMap((field) => line(field, "add"))),
  ];
}
