// Why an exchange did not go well, in a sentence, and what to do about it.

import { button, h } from "../dom.js";
import { visible } from "../format.js";
import { banner, command } from "../notices.js";
import { isPassed, letThroughSaying, patternOf } from "../passthrough.js";

/** @import { Detail, Failure } from "../api-types.js" */

/** Reasons for which client and origin may come together if their TLS is left alone. Where the daemon knows of others, it names its command. */
const UNREADABLE = /^(client rejected certificate|client closed|no common TLS|client certificate)$/, COMMAND = "`waylay passthrough add ";

/** @param {Detail} exchange */
export function failureBanner(exchange) {
  const { failure, kind } = exchange, pinned = kind === "pinned";
  if (!failure && !pinned) return null;
  const { say, run } = failure ? advice(failure, exchange) : { say: "", run: undefined };
  const told = failure ? visible(failure.message) : "The client finished the TLS handshake and closed the connection without a request: it seems to accept the host's own certificate only.";
  const out = pinned || UNREADABLE.test(failure?.reason ?? "") || told.includes(COMMAND) ? [passButton(exchange)] : [];
  const made = banner(pinned ? "warn" : "err", `${pinned ? "pinned" : visible(failure?.reason ?? "")}:`, withCommands([told, say].filter(Boolean).join(" ")), ...out);
  return run ? h("div", null, made, h("div", { class: "pad" }, command(run))) : made;
}

/**
 * A sentence whose commands, in backticks, look like commands.
 * @param {string} text
 */
const withCommands = (text) => h("span", null, ...text.split(/\x60([^\x60]+)\x60/).map((piece, at) => (at % 2 ? h("code", null, piece) : piece)));

/**
 * @param {Detail} exchange
 * @returns {HTMLElement}
 */
function passButton(exchange) {
  const pattern = patternOf(exchange);
  if (isPassed(pattern)) return h("span", { class: "st pass" }, "passed through by now");
  const made = button({ label: `Pass ${pattern} through: its connections are relayed and not read`, word: "Pass this host through", key: "i", class: "tiny line", onclick: async () => {
    await letThroughSaying(pattern);
    made.replaceWith(passButton(exchange));
  } });
  return made;
}

/** Reasons of a TLS handshake with an origin that its certificate gave. */
const CERTIFICATE = /certificate|issuer|self-signed|host name|signature|purpose/;

/**
 * @param {Failure} failure
 * @param {Detail} exchange
 * @returns {{ say: string, run?: string }}
 */
function advice({ side, stage, reason }, { host, port, kind }) {
  const where = /^[\w.:[\]-]+$/.test(host) ? host : "HOST", again = kind === "http" || kind === "sse";
  if (side === "client" && stage === "tls") {
    const distrust = reason === "client rejected certificate" || reason === "client closed";
    return distrust ? { say: "", run: "waylay ca export" } : { say: "" };
  }
  if (stage === "dns") return { say: "Check how the name is spelt, and whether this machine can resolve it." };
  if (stage === "connect") return { say: reason === "refused" ? `Start the server at ${where}:${port}, or check the port.` : "Check the network, a firewall, or a proxy on the way." };
  if (stage === "tls" && CERTIFICATE.test(reason) && reason !== "client certificate") {
    return { say: "If you trust this origin all the same, start Waylay with:", run: `waylay start --insecure-upstream ${where}` };
  }
  return { say: again && side !== "client" && stage !== "policy" ? "Send it again with r to see whether it lasts." : "" };
}
