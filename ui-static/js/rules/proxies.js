// Upstream proxies: which lie on the way to servers, and which of them are used.

import { setUpstreamProxies } from "../api-ways.js";
import { openForm } from "../dialog.js";
import { button, h, icon } from "../dom.js";
import { field } from "../editor/ink.js";
import { faultLine } from "../fault.js";
import { visible } from "../format.js";
import { command } from "../notices.js";
import { saying } from "../reason.js";
import { proxyWords, sourceWords, usedWords, ways } from "./known.js";

/** @import { NewProxy, ProxyChange, UpstreamProxies, UpstreamProxy } from "./types.js" */

/** What is set, and what is used. */
export function proxiesPart() {
  const facts = h("div"), change = button({ icon: "edit", label: "Change the upstream proxies", word: "Change", class: "tiny line", disabled: true, onclick: () => ways.state.proxies && openProxies(ways.state.proxies) });
  const clear = button({ label: "Forget the upstream proxies", word: "Reach all directly", class: "tiny", onclick: () => void keep({ http: null, https: null, bypass: "", system: false }) });
  ways.watch(["proxies"], ({ proxies }) => {
    change.disabled = !proxies;
    clear.hidden = !proxies || !(proxies.http || proxies.https || proxies.system || proxies.bypass.length);
    if (!proxies) return;
    const { http, https, bypass, system, environment, unusable, given } = proxies;
    /** @type {[string, string][]} */
    const lines = [["For http://", proxyWords(http)], ["For https://", proxyWords(https)], ["Not for", visible(bypass.join(", ")) || "no host is left out"], ["Environment", `${system ? "used where none is set" : "not used"}: ${sourceWords(environment)}`]];
    if (given) lines.push(["waylay start", sourceWords(given)]);
    facts.replaceChildren(h("p", { class: "note" }, icon("info"), h("span", { class: "grow" }, usedWords(proxies))), h("dl", { class: "kv" }, ...lines.flatMap(([term, words]) => [h("dt", null, term), h("dd", { class: "mono" }, words)])),
      ...unusable.map((why) => h("p", { class: "note client" }, icon("s-client", "i12"), visible(why))), h("div", { class: "pad" }, command("waylay upstream set socks5h://127.0.0.1:1080 --bypass localhost")));
  });
  return [h("div", { class: "sub" }, h("h2", null, "Upstream proxies"), h("span", { class: "grow" }), clear, change), facts];
}

/** @param {ProxyChange} to */
async function keep(to) {
  const proxies = await saying(setUpstreamProxies(to), "New connections to servers go that way");
  if (proxies) ways.set({ proxies });
}

/** @param {UpstreamProxies} now */
function openProxies(now) {
  const http = proxyFields("http", now.http), https = proxyFields("https", now.https), fault = faultLine();
  const bypass = field("Hosts that are reached directly", now.bypass.join(", "), () => fault.say(""), { id: "proxy-bypass", placeholder: "localhost, *.internal.test, 10.0.0.0/8" });
  const system = h("input", { type: "checkbox", checked: now.system });
  const same = button({ icon: "copy", label: "For https:// the same as for http://", word: "The same", class: "tiny", onclick: () => (now.http?.password && !http.password.value ? fault.say("Type the password again: it is kept, but not shown.", http.password) : https.fill(http)) });
  const say = (/** @type {unknown} */ error) => {
    const { message = "" } = /** @type {Error} */ (error);
    fault.say(error, message.startsWith("https:") ? https.url : message.startsWith("http:") ? http.url : message.startsWith("bypass:") ? bypass : undefined);
  };
  openForm({ title: "Upstream proxies", word: "Save", lead: "By these, servers are reached: for what passes through the proxy and for what is sent from here. WebSockets and tunnels go like https://. Empty: directly.", fault: { element: fault.element, say } }, [
    h("label", { for: "proxy-http" }, "For http://"), http.url, h("span", { class: "l" }), http.who, h("label", { for: "proxy-https" }, "For https://"), h("div", { class: "held" }, https.url, same), h("span", { class: "l" }), https.who,
    h("label", { for: "proxy-bypass" }, "Not for"), bypass, h("span", { class: "l" }, "Environment"), h("label", { class: "check" }, system, "Use http_proxy, https_proxy and no_proxy where none is set here"),
  ], async () => ways.set({ proxies: await setUpstreamProxies({ http: http.read(), https: https.read(), bypass: bypass.value.trim(), system: system.checked }) }));
}

/**
 * What says which proxy, and who we are to it. A password that is kept is not shown.
 * @param {string} scheme
 * @param {UpstreamProxy | null} known
 */
function proxyFields(scheme, known) {
  const nothing = () => {};
  const url = field(`Proxy for ${scheme}://`, known?.url ?? "", nothing, { id: `proxy-${scheme}`, inputmode: "url", placeholder: "http://proxy.test:3128, socks5h://…, socks4a://…" });
  const user = field(`User name for ${scheme}://`, known?.username ?? "", nothing, { placeholder: "user name", autocomplete: "off" });
  const password = field(`Password for ${scheme}://`, "", nothing, { class: "field", type: "password", autocomplete: "new-password", placeholder: known?.password ? "password as it is" : "password" });
  /** @returns {NewProxy | null} */
  const read = () => (url.value.trim() ? { url: url.value.trim(), ...(user.value && { username: user.value }), ...(password.value && { password: password.value }) } : null);
  const fill = (/** @type {{ url: HTMLInputElement, user: HTMLInputElement, password: HTMLInputElement }} */ from) => {
    url.value = from.url.value;
    user.value = from.user.value;
    password.value = from.password.value;
  };
  return { url, user, password, read, fill, who: h("div", { class: "held" }, user, password) };
}
