// Why an exchange did not go well, in a sentence, and what to do about it.

import { h } from "../dom.js";
import { visible } from "../format.js";
import { banner, command } from "../notices.js";

/** @import { Detail, Failure } from "../api-types.js" */

/** @param {Detail} exchange */
export function failureBanner(exchange) {
  const { failure } = exchange;
  if (!failure) return null;
  const { say, run } = advice(failure, exchange);
  const made = banner("err", `${visible(failure.reason)}:`, [visible(failure.message), say].filter(Boolean).join(" "));
  return run ? h("div", null, made, h("div", { class: "pad" }, command(run))) : made;
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
