// Client certificates: who we are to servers that ask, and until when.

import { addCertificate, removeCertificate } from "../api-ways.js";
import { askSure, openForm } from "../dialog.js";
import { button, h, icon } from "../dom.js";
import { field } from "../editor/ink.js";
import { faultLine } from "../fault.js";
import { bytes, count, visible } from "../format.js";
import { command } from "../notices.js";
import { saying } from "../reason.js";
import { notify } from "../state.js";
import { tableOf } from "../table-of.js";
import { dayOf, refreshWays, standing, ways } from "./known.js";

/** @import { ClientCertificate } from "./types.js" */

/** Bytes of a file that the daemon takes. */
const LARGEST = 1 << 20;

/** The list. */
export function certificatesPart() {
  const number = h("span", { class: "dim" }), list = h("div");
  ways.watch(["certificates"], ({ certificates: items }) => {
    number.textContent = items ? count(items.length) : "";
    list.replaceChildren(...(items?.length ? [table(items)] : items ? [h("div", { class: "pad" }, command("waylay certificate add api.test client.pfx"))] : []));
  });
  return [h("div", { class: "sub" }, h("h2", null, "Client certificates"), number, h("span", { class: "grow" }), button({ icon: "plus", label: "Add a client certificate", word: "Add", class: "tiny line", onclick: openAdding })),
    h("p", { class: "note" }, icon("lock"), h("span", { class: "grow" }, "Presented to servers that ask for one over TLS, whoever sends the request. Of several for a host, the one that was added last is used.")), list];
}

/** @param {ClientCertificate[]} items */
function table(items) {
  return tableOf("hosts", ["Host", "State", "Certificate", "Until", ""], items.map((item, at) => {
    const { pattern, subject, issuer, not_before: from, not_after: until, fingerprint } = item, [color, shape, word] = standing(item, Date.now());
    const beaten = items.slice(at + 1).some((later) => later.pattern === pattern);
    return h("tr", null,
      h("td", { class: "mono" }, visible(pattern), beaten && h("span", { class: "tag" }, "a later one is used")),
      h("td", null, h("span", { class: `st ${color}` }, icon(shape, "i12"), word)),
      h("td", { class: "mid", title: `SHA-256 ${fingerprint}` }, visible(subject), h("span", { class: "dim" }, ` by ${visible(issuer)}`)),
      h("td", { class: "dim", title: `from ${dayOf(from)}` }, dayOf(until)),
      h("td", null, button({ icon: "trash", label: `Remove the certificate for ${visible(pattern)}`, class: "tiny danger", onclick: () => askRemoval(item) })));
  }));
}

/** @param {ClientCertificate} certificate Its key is gone for good: this is asked first. */
function askRemoval({ id, pattern, subject }) {
  askSure("Remove this certificate?", "Remove", `${visible(subject)}, for ${visible(pattern)}. Its key is removed with it and cannot be brought back from here; the files it came from stay as they are.`, async () => {
    await saying(removeCertificate(id), `The certificate for ${visible(pattern)} and its key are removed`);
    await refreshWays();
  });
}

/** Asks for host, files and passphrase. */
export function openAdding() {
  const pattern = field("Host", "", () => fault.say(""), { id: "certificate-host", placeholder: "api.test, *.api.test or api.test:8443" });
  const passphrase = field("Passphrase", "", () => fault.say(""), { class: "field", type: "password", id: "certificate-passphrase", autocomplete: "new-password", placeholder: "if the key has one" });
  const names = h("span", { class: "mid" }, "a PEM or PKCS#12 file (.pfx, .p12), or one with the certificate and one with its key");
  const files = h("input", { type: "file", class: "sr", multiple: true, "aria-label": "Files of the certificate", accept: ".pem,.crt,.cer,.key,.pfx,.p12", onchange: () => {
    names.textContent = [...(files.files ?? [])].map(({ name, size }) => `${visible(name)}, ${bytes(size)}`).join("; ");
    fault.say("");
  } });
  const fault = faultLine();
  openForm({ title: "Add a client certificate", word: "Add", lead: "The key stays in Waylay's data folder, for you alone. It is never shown or exported.", fault: { element: fault.element, say: (error) => fault.say(error, /passphrase/.test(/** @type {{ code?: string }} */ (error).code ?? "") ? passphrase : undefined) } }, [
    h("label", { for: "certificate-host" }, "Host"), pattern, h("span", { class: "l" }, "Files"), h("div", { class: "two" }, h("label", { class: "btn line" }, files, icon("import"), "Choose files"), names),
    h("label", { for: "certificate-passphrase" }, "Passphrase"), passphrase,
  ], async () => {
    const chosen = [...(files.files ?? [])], large = chosen.find(({ size }) => size > LARGEST);
    const no = (/** @type {string} */ why, /** @type {HTMLElement} */ at) => (fault.say(why, at), false);
    if (!pattern.value.trim()) return no("Write the host it is for.", pattern);
    if (!chosen.length || chosen.length > 2) return no("Choose one file, or two: the certificate and its key.", files);
    if (large) return no(`${large.name} has ${bytes(large.size)}: a certificate with its key has less than 1 MB.`, files);
    const added = await addCertificate({ pattern: pattern.value.trim(), files: await Promise.all(chosen.map(base64)), passphrase: passphrase.value || null });
    notify(`From now on, ${visible(added.pattern)} gets this certificate when it asks`);
    return refreshWays();
  });
}

/** @param {File} file @returns {Promise<string>} */
const base64 = (file) => new Promise((done, fail) => {
  const reader = new FileReader();
  reader.onload = () => done(String(reader.result).split(",")[1] ?? "");
  reader.onerror = () => fail(reader.error);
  reader.readAsDataURL(file);
});
