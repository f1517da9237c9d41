// Both TLS connections of an exchange: what was agreed, and the certificates the peer showed.

import { h, icon } from "../dom.js";
import { plural, visible } from "../format.js";

/** @import { Certificate, Connection, Detail, Tls } from "../api-types.js" */
/** @import { Child } from "../dom.js" */

const DAY = 86_400_000;

/** @param {Detail} exchange */
export function tls({ upstream_connection: upstream, client_connection: client, source }) {
  return h("div", { class: "scroll body", tabindex: 0, "aria-label": "TLS" },
    ...side("Waylay to origin", upstream, "No connection to the origin was made.", upstream?.tls && verdict(upstream.tls)),
    ...(client || source === "proxy" || source === "run" ? [h("div", { class: "ruled" }), ...side("Client to Waylay", client, "There is no client connection.", null)] : []));
}

/**
 * @param {string} title
 * @param {Connection | null} connection
 * @param {string} absent
 * @param {Child} mark
 * @returns {Node[]}
 */
function side(title, connection, absent, mark) {
  const head = h("div", { class: "sub" }, h("h2", null, title), mark);
  if (!connection?.tls) return [head, h("p", { class: "note" }, connection ? `Without TLS, to ${connection.peer}.` : absent)];
  const { version, cipher, group, alpn, offered_alpn: offered, sni, resumed, chain } = connection.tls;
  /** @type {[string, string | null][]} */
  const facts = [
    ["Version", version], ["Cipher", cipher], ["Key exchange", group], ["ALPN", alpn], ["Offered ALPN", offered.join(", ")],
    ["SNI", sni], ["Resumed", resumed ? "yes" : "no"], ["Peer", connection.peer],
  ];
  const mono = /^(Cipher|Key|ALPN|Offered|SNI|Peer)/;
  return [
    head,
    h("dl", { class: "kv" }, ...facts.flatMap(([name, value]) => (value ? [h("dt", null, name), h("dd", { class: mono.test(name) ? "mono" : null }, visible(value))] : []))),
    ...(chain.length ? [h("ol", { class: "chain" }, ...chain.map((certificate, at) => link(certificate, at)))] : []),
  ];
}

/** @param {Tls} tls */
function verdict({ verified }) {
  if (verified === null) return null;
  return verified ? h("span", { class: "st ok" }, icon("s-ok", "i12"), "verified") : h("span", { class: "st client" }, icon("s-client", "i12"), "not verified, as you asked");
}

/**
 * @param {Certificate} certificate
 * @param {number} at 0 is the leaf
 */
function link({ subject, issuer, not_before: from, not_after: to, names, sha256, key, error }, at) {
  const name = visible(commonName(subject)), self = subject === issuer;
  const about = error ? visible(error) : [key, validity(from, to), at === 0 ? plural(names.length, "name") : self ? "root" : "intermediate"].filter(Boolean).join(", ");
  const more = [["subject", subject], ["issuer", issuer], ["names", names.join(", ")], ["from", from], ["until", to], ["sha-256", sha256]];
  return h("li", null, icon("lock"), at === 0 ? h("b", null, name) : h("span", null, name), h("span", { class: "dim" }, about),
    h("details", null, h("summary", null, "Certificate"), h("dl", { class: "kv wire" }, ...more.flatMap(([term, value]) => (value ? [h("dt", null, term), h("dd", null, visible(value))] : [])))));
}

/**
 * @param {string | null} from
 * @param {string | null} to
 */
function validity(from, to) {
  const begins = Date.parse(from ?? ""), ends = Date.parse(to ?? ""), now = Date.now();
  if (Number.isNaN(begins) || Number.isNaN(ends)) return "";
  const whole = Math.round((ends - begins) / DAY), left = Math.floor((ends - now) / DAY);
  if (now > ends) return `expired ${-left} days ago`;
  if (now < begins) return "not yet valid";
  return `${left} of ${whole} days left`;
}

/** @param {string} subject */
const commonName = (subject) => /(?:^|,\s*)CN=((?:\\.|[^,])*)/.exec(subject)?.[1] ?? subject;
