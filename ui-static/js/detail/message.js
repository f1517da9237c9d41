// One message of an exchange: its header fields, its body, its trailers, and what of it went upstream differently.

import { button, h, icon } from "../dom.js";
import { bytes, plural } from "../format.js";
import { go } from "../route.js";
import { BodyView } from "./body.js";
import { headers } from "./headers.js";
import { bothHeads } from "./heads.js";

/** @import { Detail } from "../api-types.js" */

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
    const what = `the ${part} headers`;
    this.body = exchange.kind === "websocket" ? null : new BodyView(exchange.id, part, message, exchange.omitted);
    const received = () => headers({ title: "Headers", fields: message.headers, line: message.line, what, aside: { "content-encoding": `${bytes(message.body.size)} on the wire` } });
    const parts = [
      ...(part === "request" && exchange.sent ? [bothHeads(exchange.request, exchange.sent, received)] : received()),
      this.body?.element ?? talkedAfterwards(exchange),
      ...(message.trailers.length ? [h("div", { class: "ruled" }), ...headers({ title: "Trailers", fields: message.trailers, what: "the trailers" })] : []),
    ];
    this.element = h("div", { class: "pane body" }, h("div", { class: "scroll body", tabindex: 0, "aria-label": `${label} headers and body` }, ...parts), this.body?.bar ?? "");
  }

  close() {
    this.body?.close();
  }
}

/**
 * What passed after the handshake is no body: its messages are shown one by one.
 * @param {Detail} exchange
 */
function talkedAfterwards({ messages }) {
  const word = messages === 0 ? "No message so far." : `${plural(messages, "message")} followed, both ways.`;
  return h("p", { class: "note ruled" }, icon("info"), h("span", { class: "grow" }, word), button({ word: "Show the messages", class: "tiny line", onclick: () => go({ tab: "messages" }, { replace: true }) }));
}
