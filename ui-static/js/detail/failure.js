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

/**
 * @param {Failure} failure
 * @param {Detail} exchange
 * @returns {{ say: string, run?: string }}
 */
function advice({ side, stage, reason }, { host, port }) {
  const where = /^[\w.:[\]-]+$/.test(host) ? host : "HOST";
  if (side === "client" && stage === "tls") return { say: "Start the client with waylay run, or add Waylay's certificate to what it trusts; this prints it:", run: "waylay ca export" };
  if (side === "client") return { say: "The client went away; the origin may have been too slow for it." };
  if (side === "waylay") return { say: "Send it again with r." };
  if (stage === "dns") return { say: "Check how the host is spelt, and whether this machine can resolve it." };
  if (stage === "connect" && /refused/.test(reason)) return { say: `Nothing listens at ${where}:${port}: start that server, or check the port.` };
  if (stage === "connect") return { say: "Check the network, a firewall, or a proxy on the way." };
  if (stage === "tls") return { say: "If you trust this origin all the same, start Waylay with this. For a private certificate authority, use --upstream-ca FILE.", run: `waylay start --insecure-upstream ${where}` };
  return { say: "Send it again with r to see whether it lasts." };
}
