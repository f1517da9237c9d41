// Client certificates: who we are to servers that ask, and until when.

import { addCertificate, removeCertificate } from "../api-ways.js";
import { openDialog } from "../dialog.js";
import { button, h, icon } from "../dom.js";
import { field } from "../editor/ink.js";
import { saying } from "../environments/known.js";
import { faultLine } from "../fault.js";
import { bytes, count, visible } from "../format.js";
import { command } from "../notices.js";
import { notify } from "../state.js";
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
  const head = ["Host", "State", "Certificate", "Until", ""].map((word) => h("th", { scope: "col" }, word || h("span", { class: "sr" }, "Action")));
  return h("table", { class: "tbl hosts" }, h("thead", null, h("tr", null, ...head)), h("tbody", null, ...items.map((item, at) => {
    const { pattern, subject, issuer, not_before: from, not_after: until, fingerprint } = item, [color, shape, word] = standing(item, Date.now());
    const beaten = items.slice(at + 1).some((later) => later.pattern === pattern);
    return h("tr", null,
      h("td", { class: "mono" }, visible(pattern), beaten && h("span", { class: "tag" }, "a later one is used")),
      h("td", null, h("span", { class: `st ${color}` }, icon(shape, "i12"), word)),
      h("td", { class: "mid", title: `SHA-256 ${fingerprint}` }, visible(subject), h("span", { class: "dim" }, ` by ${visible(issuer)}`)),
      h("td", { class: "dim", title: `from ${dayOf(from)}` }, dayOf(until)),
      h("td", null, button({ icon: "trash", label: `Remove the certificate for ${visible(pattern)}`, class: "tiny danger", onclick: () => askRemoval(item) })));
  })));
}

/** @param {ClientCertificate} certificate Its key is gone for good: this is asked first. */
function askRemoval({ id, pattern, subject }) {
  const cancel = button({ word: "Cancel", class: "line", onclick: () => dialog.close() });
  const dialog = openDialog({ title: "Remove this certificate?", class: "small", foot: [h("span", { class: "grow" }), cancel, button({ icon: "trash", word: "Remove", class: "danger line", onclick: async () => {
    dialog.close();
    await saying(removeCertificate(id), `The certificate for ${visible(pattern)} and its key are removed`);
    await refreshWays();
  } })] }, h("p", null, `${visible(subject)}, for ${visible(pattern)}. Its key is removed with it and cannot be brought back from here; the files it came from stay as they are.`));
  cancel.focus();
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
  const fault = faultLine(), add = h("button", { class: "btn primary", type: "submit", form: "certificate" }, "Add");
  const form = h("form", { class: "form", id: "certificate" }, h("label", { for: "certificate-host" }, "Host"), pattern, h("span", { class: "l" }, "Files"), h("div", { class: "two" }, h("label", { class: "btn line" }, files, icon("import"), "Choose files"), names),
    h("label", { for: "certificate-passphrase" }, "Passphrase"), passphrase, fault.element);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const chosen = [...(files.files ?? [])], large = chosen.find(({ size }) => size > LARGEST);
    if (!pattern.value.trim()) return fault.say("Write the host it is for.", pattern);
    if (!chosen.length || chosen.length > 2) return fault.say("Choose one file, or two: the certificate and its key.", files);
    if (large) return fault.say(`${large.name} has ${bytes(large.size)}: a certificate with its key has less than 1 MB.`, files);
    add.disabled = true;
    try {
      const added = await addCertificate({ pattern: pattern.value.trim(), files: await Promise.all(chosen.map(base64)), passphrase: passphrase.value || null });
      dialog.close();
      notify(`From now on, ${visible(added.pattern)} gets this certificate when it asks`);
      await refreshWays();
    } catch (error) {
      fault.say(error, /passphrase/.test(/** @type {{ code?: string }} */ (error).code ?? "") ? passphrase : undefined);
    } finally {
      add.disabled = false;
    }
  });
  const dialog = openDialog({ title: "Add a client certificate", class: "medium", lead: "The key stays in Waylay's data folder, for you alone. It is never shown or exported.", act: add }, form);
  pattern.focus();
}

/** @param {File} file @returns {Promise<string>} */
const base64 = (file) => new Promise((done, fail) => {
  const reader = new FileReader();
  reader.onload = () => done(String(reader.result).split(",")[1] ?? "");
  reader.onerror = () => fail(reader.error);
  reader.readAsDataURL(file);
});
