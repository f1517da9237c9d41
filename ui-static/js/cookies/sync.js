// Domains whose cookies are taken from passing traffic, recorded or not.

import { changeSync, stopSync, sync, syncDomain } from "../api-cookies.js";
import { openForm } from "../dialog.js";
import { button, h, icon } from "../dom.js";
import { faultLine } from "../fault.js";
import { plural, visible } from "../format.js";
import { offerUndo } from "../undo.js";
import { store } from "../state.js";
import { changing } from "./known.js";
import { fromNow } from "./words.js";

/** @import { Sync, SyncDomain } from "./types.js" */

/** The section at the foot of the domains. @param {(sync: Sync) => string} into says which jar, where that is not plain */
export function syncSection(into) {
  const list = h("ul", { class: "scroll" }), said = h("p", { class: "note" });
  const all = button({ word: "Stop all", class: "tiny", onclick: () => void changing(changeSync({ on: !on }), "") });
  let on = true;
  const show = async () => {
    const found = await sync().catch(() => null);
    if (!found) return;
    ({ on } = found);
    said.textContent = [into(found), found.dropped && `${plural(found.dropped, "answer")} came too fast and ${found.dropped === 1 ? "was" : "were"} missed.`].filter(Boolean).join(" ");
    said.hidden = !said.textContent;
    all.hidden = !found.domains.length;
    all.lastChild?.replaceWith(on ? "Stop all" : "Start again");
    list.replaceChildren(...found.domains.map((one) => line(one, on)));
  };
  store.watch(["jarsAt", "syncAt"], () => void show());
  return h("div", { class: "ruled" }, h("div", { class: "sub" }, h("h2", null, "Sync from traffic"), h("span", { class: "grow" }), all, button({ icon: "plus", label: "Add a sync domain", class: "tiny", onclick: () => askDomain() })), said, list,
    h("p", { class: "note" }, icon("sync"), h("span", null, "A bare domain covers its subdomains, ", h("span", { class: "mono" }, "https://"), " means that host only. Runs with or without a session.")));
}

/** @param {SyncDomain} one @param {boolean} on */
function line({ id, domain, subdomains, last_us: last }, on) {
  const [color, shape, word] = !on ? ["mid", "s-paused", "stopped"] : last === null ? ["pending", "s-pending", "nothing yet"] : ["ok", "s-ok", fromNow(last, true)];
  return h("li", { class: "item" }, h("span", { class: color }, icon(shape, "i12")), h("span", { class: "trunc", title: subdomains ? "and its subdomains" : "this host only" }, visible(domain)), h("span", { class: "r" }, word),
    button({ icon: "x", label: `Stop syncing ${visible(domain)}`, class: "tiny", onclick: async () => {
      if ((await changing(stopSync(id), "")) !== null) offerUndo(`${visible(domain)} is no longer synced; its cookies stay.`, () => void changing(syncDomain(domain, false), "Synced again"));
    } }));
}

function askDomain() {
  const field = h("input", { class: "field mono", id: "sync-domain", required: true, maxlength: 300, placeholder: "example.com or https://example.com", spellcheck: "false", autocapitalize: "off" });
  const earlier = h("input", { type: "checkbox", checked: true });
  openForm({ title: "Sync a domain", word: "Sync", lead: "The jar always has the latest value that passes through the proxy.", class: "small", fault: faultLine(field) },
    [h("label", { for: "sync-domain" }, "Domain"), field, h("span"), h("label", { class: "check" }, earlier, "Take over what was captured earlier")], async () => {
      const made = await syncDomain(field.value.trim(), earlier.checked);
      void changing(Promise.resolve(made), "Its cookies are synced from now on");
    });
}
