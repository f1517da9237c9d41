// Setup: how clients are led here, what they have to trust, how servers are reached, and who else may send from this machine.

import { CA_PEM, ca } from "../api-ways.js";
import { copyButton } from "../copy.js";
import { h, icon } from "../dom.js";
import { plural, visible } from "../format.js";
import { command } from "../notices.js";
import { follow } from "../route.js";
import { dayOf, refreshWays, sourceWords, standing, usedWords, ways } from "../rules/known.js";
import { store } from "../state.js";
import { address } from "../top-bar.js";
import { agentPart } from "./agent.js";
import { refreshAgent } from "./known.js";

/** @import { CaFacts } from "../rules/types.js" */

/** Forms of the certificate that the onboarding page has, and for whom. */
const FORMS = [["crt", "Linux, macOS, Android"], ["cer", "Windows"], ["mobileconfig", "iPhone, iPad"]];

/** The screen. */
export function setupScreen() {
  const browser = h("div"), device = h("div"), trust = h("div");
  /** @type {CaFacts | null} */
  let facts = null;
  const show = () => {
    browser.replaceChildren(...(facts && address() ? [command(chromium(facts))] : []));
    device.replaceChildren(...devices());
    trust.replaceChildren(...(facts ? certificate(facts) : []));
  };
  store.watch(["status"], show);
  store.watch(["route"], async ({ route }) => {
    if (route.screen !== "setup") return;
    void refreshWays();
    void refreshAgent();
    facts = (await ca().catch(() => null)) ?? facts;
    show();
  });
  return h("div", { class: "main grow" },
    h("div", { class: "head" }, h("h1", null, "Setup"), h("span", { class: "dim hide-s" }, "Nothing on this machine is changed until you run a command that says so.")),
    h("div", { class: "scroll grow", tabindex: 0, "aria-label": "Setup" }, h("div", { class: "setup" },
      part("A command", "Sets proxy and certificate variables for that process only.", command("waylay run -- npm test"), command("waylay run --name nightly --har out.har -- ./sync.py")),
      part("This shell", "The same for all that is started in it, and the way back.", command('eval "$(waylay env)"'), command('eval "$(waylay env --unset)"')),
      part("A browser", "A separate profile that trusts Waylay. Yours is left alone.", browser),
      part("Another device", "A phone, or another machine on the same network.", device),
      part("Certificate", "Made on this machine, valid for this install only. The key never leaves it.", trust),
      part("Servers", "Who Waylay is to them, and by which way they are reached.", servers()),
      part("Desktop agent", "Web clients that may send requests through this machine.", ...agentPart()))));
}

/** @param {string} title @param {string} lead @param {...Node} inside */
const part = (title, lead, ...inside) => h("section", null, h("div", null, h("h2", null, title), h("p", { class: "mid" }, lead)), h("div", null, ...inside));

/** @param {CaFacts} facts */
const chromium = ({ spki_sha256: key }) => `chromium --user-data-dir="$(mktemp -d)" --proxy-server=${address()} --proxy-bypass-list='<-loopback>' --ignore-certificate-errors-spki-list=${key} --disable-quic --no-first-run`;

/** What leads a device here: the addresses at which it is let in, if there are any. */
function devices() {
  const { addresses = [], on } = store.state.status?.proxy ?? {}, outside = addresses.filter((one) => !/^(127\.|\[::1\]|\[?::ffff:127)/.test(one));
  if (on === false || outside.length === 0) return [command("waylay stop && waylay start --listen 0.0.0.0"), h("p", { class: "mid" }, "By itself the proxy is for this machine alone. Started like this, everybody on the network may use it; --proxy-password-file FILE asks them for a password.")];
  const steps = [["Set the proxy of its network to ", h("code", null, outside.map(withName).join(" or "))], ["Open ", h("code", null, "http://waylay.internal/"), " there, and follow its steps to trust the certificate"]];
  return [h("ol", { class: "steps" }, ...steps.map((step, at) => h("li", null, h("b", null, at + 1), " ", ...step)))];
}

/** All addresses of a machine stand for one that only it knows. @param {string} address */
const withName = (address) => visible(address.replace(/^(0\.0\.0\.0|\[::\])/, "this machine's address"));

/** @param {CaFacts} facts */
function certificate({ sha256, not_after: until, subject }) {
  const proxy = store.state.status?.proxy.on === false ? "" : address();
  const link = (/** @type {string} */ to, /** @type {string} */ word, /** @type {string | null} */ title) => h("a", { class: "btn tiny line", href: to, title, rel: "noreferrer" }, word);
  return [h("div", { class: "cmd val" }, h("code", null, sha256), copyButton({ label: "Copy the SHA-256 fingerprint", what: "the fingerprint", text: () => sha256 })),
    h("div", { class: "bar wrap" }, h("span", { class: "dim" }, `${visible(subject)}${until ? `, until ${dayOf(until)}` : ""}`), h("span", { class: "grow" }), link(CA_PEM, ".pem", "Programs, Firefox"), ...(proxy ? FORMS.map(([form, whom]) => link(`http://${proxy}/ca.${form}`, `.${form}`, whom)) : [])),
    command("waylay ca export --output waylay-ca.pem")];
}

/** Certificates and proxies in short; what can be done about them is on another screen. */
function servers() {
  const element = h("div");
  ways.watch(["certificates", "proxies"], ({ certificates, proxies }) => {
    if (!certificates || !proxies) return;
    const source = { flag: proxies.given, custom: proxies, system: proxies.environment, none: null }[proxies.used];
    element.replaceChildren(h("dl", { class: "kv" },
      h("dt", null, plural(certificates.length, "client certificate")), h("dd", null, ...certificates.flatMap((one) => {
        const [color, shape, word] = standing(one, Date.now());
        return [h("div", { class: "bar wrap" }, h("span", { class: "mono" }, visible(one.pattern)), h("span", { class: `st ${color}` }, icon(shape, "i12"), word), h("span", { class: "dim" }, `until ${dayOf(one.not_after)}`))];
      }), certificates.length ? "" : "Servers that ask for one get none."),
      h("dt", null, "Upstream proxies"), h("dd", null, usedWords(proxies), source && h("div", { class: "mono" }, sourceWords(source)))),
    h("div", { class: "bar" }, follow(h("a", { class: "btn line", href: "/rules" }, "Rules & hosts"), () => ({ screen: /** @type {const} */ ("rules") }))), command("waylay certificate add api.test client.pfx"), command("waylay upstream show"));
  });
  return element;
}
