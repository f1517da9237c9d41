// Cookies from files and into files: cookies.txt, Playwright's storage state, Cookie-Editor.

import { addCookie, cookiesUrl, importCookies, leftOut } from "../api-cookies.js";
import { openDialog, openForm } from "../dialog.js";
import { button, h, icon } from "../dom.js";
import { faultLine } from "../fault.js";
import { count, plural, visible } from "../format.js";
import { command } from "../notices.js";
import { go } from "../route.js";
import { changing } from "./known.js";

/** @import { Imported, Jar } from "./types.js" */

/** Lines that were refused, as many as are listed. */
const MOST = 200;

/**
 * Asks what is to be imported: files, or pasted text.
 * @param {Jar} jar
 * @param {string} [text] that was pasted
 */
export function askCookies(jar, text = "") {
  const area = h("textarea", { class: "field mono", rows: 8, "aria-label": "Text of a file", placeholder: "# Netscape HTTP Cookie File\n.example.com\tTRUE\t/\tTRUE\t0\tsid\t…", spellcheck: "false", autocomplete: "off", value: text, oninput: () => (take.disabled = !area.value.trim()) });
  const file = h("input", { type: "file", class: "sr", "aria-label": "Choose files", multiple: true, onchange: () => {
    dialog.close();
    void importFiles(jar, [...(file.files ?? [])]);
  } });
  const take = button({ word: "Import", class: "primary", disabled: !text.trim(), onclick: () => {
    dialog.close();
    void oneImport(jar, new Blob([area.value]), "pasted text");
  } });
  const dialog = openDialog({ title: "Import cookies", class: "medium", lead: `Into jar ${visible(jar.name)}. Of one that is there already, the file's takes its place.`, foot: [h("label", { class: "btn line" }, file, icon("import"), "Choose files")], act: take },
    area, h("p", { class: "mid" }, "cookies.txt as curl, wget and yt-dlp write it, Playwright's storageState, or the list of Cookie-Editor. Files can also be dropped onto this screen."));
  area.focus();
}

/** @param {Jar} jar @param {File[]} files */
export async function importFiles(jar, files) {
  for (const file of files) await oneImport(jar, file, visible(file.name));
}

/** @param {Jar} jar @param {Blob} file @param {string} name */
async function oneImport(jar, file, name) {
  /** @type {Imported | null} */
  let found = null;
  try {
    found = await importCookies(jar.id, file);
    void changing(Promise.resolve(found), `Imported ${name}`);
  } catch (error) {
    const fault = faultLine();
    fault.say(error);
    return void openDialog({ title: `Import ${name}`, class: "small" }, fault.element);
  }
  const { added, replaced, over, refused, refused_count: all, notes } = found;
  const said = [`${plural(added, "cookie")} added`, replaced && `${count(replaced)} replaced`, over && `${count(over)} ended before`, all && `${count(all)} refused`].filter(Boolean).join(", ");
  const dialog = openDialog({ title: `Imported ${name}`, lead: `${said}.`, class: "medium", foot: [h("span", { class: "grow" }), button({ word: "Close", class: "line", onclick: () => dialog.close() })] },
    ...notes.map((text) => h("p", { class: "mid" }, visible(text))), ...(all ? [h("h2", null, "Left out"), h("ul", { class: "scroll refused" }, ...refused.slice(0, MOST).map(({ place, line, reason }) => h("li", null, h("span", { class: "mono dim" }, line === null ? visible(place) : `line ${line}`), " ", visible(reason))), all > MOST && h("li", { class: "dim" }, `and ${count(all - Math.min(MOST, refused.length))} more`))] : []));
  await new Promise((done) => dialog.addEventListener("close", done));
}

const FORMATS = /** @type {const} */ ([["netscape", "cookies.txt", "for curl -b, wget and yt-dlp", "cookies.txt"], ["storage_state", "Playwright storageState", "for a browser context", "state.json"], ["cookie_editor", "Cookie-Editor", "for the browser extension", "cookies.json"]]);

/** @param {Jar} jar @param {string} domain that is shown, or empty */
export function showCookieExport(jar, domain) {
  let [format, , , file] = /** @type {(typeof FORMATS)[number]} */ (FORMATS[0]);
  const only = h("input", { type: "checkbox", checked: Boolean(domain), onchange: () => show() }), said = h("div"), lacks = h("ul", { class: "scroll refused" });
  const save = h("a", { class: "btn primary", onclick: () => setTimeout(() => dialog.close()) }, "Export");
  const show = () => {
    const of = only.checked ? domain : "";
    save.href = cookiesUrl(jar.id, format, of);
    save.download = file;
    const asked = save.href;
    void leftOut(jar.id, format, of).then(({ left_out: lines }) => save.href === asked && lacks.replaceChildren(...lines.slice(0, MOST).map((line) => h("li", null, visible(line)))), () => {});
    said.replaceChildren(command(`waylay cookies export --format ${format}${jar.default ? "" : ` --jar '${jar.name.replaceAll("'", "'\\''")}'`}${of ? ` --domain ${of}` : ""} -o ${file}`));
  };
  const radios = FORMATS.map(([value, word, why, name]) => h("label", { class: "check tall" }, h("input", { type: "radio", name: "format", value, checked: value === format, onchange: () => {
    [format, file] = [value, name];
    show();
  } }), h("span", null, h("b", null, word), h("span", { class: "dim" }, ` ${why}`))));
  const dialog = openDialog({ title: "Export cookies", lead: "The file can sign in as you: do not pass it on.", class: "small", act: save },
    h("div", { role: "radiogroup", "aria-label": "Format" }, ...radios), ...(domain ? [h("label", { class: "check" }, only, `Only those of ${visible(domain)} and below it`)] : []), lacks, said);
  show();
  dialog.querySelector("input")?.focus();
}

/** Asks for a cookie as a server would set it. @param {Jar} jar @param {string} domain that is shown, or empty */
export function askCookie(jar, domain) {
  const text = h("textarea", { class: "field mono", id: "set-cookie", rows: 3, required: true, placeholder: "sid=81f2; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=3600", spellcheck: "false", autocomplete: "off" });
  const url = h("input", { class: "field mono", id: "set-url", required: true, value: domain ? `https://${domain}/` : "", placeholder: "https://example.com/", inputmode: "url", spellcheck: "false", autocomplete: "off" });
  openForm({ title: "New cookie", word: "Add", lead: "As a server would set it in the answer to that address.", fault: faultLine(text) }, [h("label", { for: "set-cookie" }, "Set-Cookie"), text, h("label", { for: "set-url" }, "From"), url], async () => {
    const made = await addCookie(jar.id, { set_cookie: text.value.trim(), url: url.value.trim() });
    void changing(Promise.resolve(made), "It is in the jar");
    go({ filter: made.domain, tab: String(made.id) });
  });
  text.focus();
}
