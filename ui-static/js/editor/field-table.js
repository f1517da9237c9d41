// Names and values as a table that can be edited: on and off, moved, removed; the last, empty row becomes one when it is written into.

import { button, h, icon } from "../dom.js";
import { choice, field, fill, inked } from "./ink.js";

/** @typedef {{ key: string, value?: string, disabled?: boolean, bytes?: string, masked?: boolean, type?: string, src?: string[] | null, content_type?: string }} Row */

/**
 * @typedef {object} Of
 * @property {string} what one row is, such as `header`
 * @property {() => void} onchange
 * @property {string} [names] id of a list of names
 * @property {"form" | "variable" | "fixed"} [kind] `form`: with files and types; `variable`: some are secret; `fixed`: names and order are given
 * @property {(row: Row) => boolean} [secret] whether a value is hidden until it is asked for
 * @property {(files: FileList) => Promise<string[]>} [store] puts files into the folder for files
 * @property {() => unknown} [reveal] fetches secrets that are masked
 */

/** @param {string} text Its bytes. */
const base64 = (text = "") => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

export class FieldTable {
  /**
   * @param {Row[]} rows the table changes them in place
   * @param {Of} of
   */
  constructor(rows, of) {
    this.rows = rows;
    this.of = of;
    this.revealed = false;
    this.list = h("ol", { class: `fields ${of.kind ?? ""}` });
    this.reveal = button({ icon: "eye", word: "Reveal secrets", class: "tiny", onclick: async () => {
      if (!this.revealed) await of.reveal?.();
      this.revealed = !this.revealed;
      this.show();
    } });
    this.element = h("div", null, this.list, h("div", { class: "sub reveal" }, h("span", { class: "grow" }), this.reveal));
    this.show();
  }

  /** Shows the rows anew: they were changed from outside. @param {Row[]} [rows] */
  show(rows = this.rows) {
    this.rows = rows;
    this.list.replaceChildren(...rows.map((row) => this.#row(row)), ...(this.of.kind === "fixed" ? [] : [this.#row({ key: "", value: "" }, true)]));
    this.#count();
  }

  #count() {
    const secret = this.rows.some((row) => this.of.secret?.(row));
    /** @type {HTMLElement} */ (this.reveal.parentElement).hidden = !secret;
    this.reveal.lastChild?.replaceWith(this.revealed ? "Hide secrets" : "Reveal secrets");
  }

  /**
   * @param {Row} row
   * @param {boolean} [blank] it is none yet
   */
  #row(row, blank = false) {
    const { of } = this, { what, kind } = of, named = () => row.key || `new ${what}`;
    const changed = () => {
      if (blank && (row.key || row.value || row.src)) {
        blank = false;
        this.rows.push(row);
        line.classList.remove("blank");
        this.list.append(this.#row({ key: "", value: "" }, true));
      }
      const hidden = !this.revealed && Boolean(of.secret?.(row));
      value.classList.toggle("secret", hidden);
      this.#count();
      of.onchange();
    };
    const on = h("input", { type: "checkbox", "aria-label": `Send ${named()}`, checked: !row.disabled, onchange: () => {
      row.disabled = !on.checked;
      line.classList.toggle("off", !on.checked);
      changed();
    } });
    const name = field("Name", row.key, (text) => {
      row.key = text;
      changed();
    }, { list: of.names, placeholder: blank ? `New ${what}` : "", readonly: kind === "fixed" });
    const value = field(`Value of ${named()}`, row.value ?? "", (text) => {
      // Text that was captured stays text, whatever braces are in it.
      if (row.bytes && row.bytes === base64(row.value)) row.bytes = base64(text);
      else delete row.bytes;
      row.value = text;
      changed();
    }, { placeholder: row.masked && !row.value ? "••••••••" : "", class: `field mono${!this.revealed && of.secret?.(row) ? " secret" : ""}` });
    const held = h("span", { class: "held" });
    const line = h("li", { class: `${row.disabled ? "off" : ""}${blank ? "blank" : ""}`, onkeydown: (/** @type {KeyboardEvent} */ event) => this.#key(event, row) });
    const cells = () => {
      held.replaceChildren(row.src ? this.#files(row, changed, cells) : inked(value), ...(kind === "form" ? this.#form(row, changed, cells) : kind === "variable" ? [this.#kind(row, changed)] : []));
    };
    cells();
    const grip = kind === "fixed" ? "" : h("button", { type: "button", class: "grip", "aria-label": `Move ${named()}, with the arrow keys`, title: "Drag, or move with Alt+↑ and Alt+↓" }, icon("grip"));
    if (grip) grip.addEventListener("pointerdown", (event) => this.#drag(event, row));
    line.append(grip, kind === "fixed" ? "" : on, inked(name), held, kind === "fixed" ? "" : button({ icon: "x", label: `Remove ${named()}`, class: "tiny", onclick: () => {
      const at = this.rows.indexOf(row);
      this.rows.splice(at, 1);
      this.show();
      this.#focus(Math.min(at, this.list.children.length - 1), 2);
      of.onchange();
    } }));
    return line;
  }

  /** @param {Row} row @param {() => void} changed */
  #kind(row, changed) {
    return choice(`Kind of ${row.key}`, [["default", "Plain"], ["secret", "Secret"]], row.type ?? "default", (type) => {
      row.type = type;
      changed();
    });
  }

  /** @param {Row} row @param {() => void} changed @param {() => void} again */
  #form(row, changed, again) {
    return [
      choice("Text or file", [["text", "Text"], ["file", "File"]], row.src ? "file" : "text", (kind) => {
        row.src = kind === "file" ? [] : null;
        changed();
        again();
      }),
      field("Media type of the part", row.content_type ?? "", (type) => {
        row.content_type = type;
        changed();
      }, { placeholder: "type: usual", list: "media-types" }),
    ];
  }

  /** @param {Row} row @param {() => void} changed @param {() => void} again */
  #files(row, changed, again) {
    const names = row.src ?? [];
    const pick = h("input", { type: "file", multiple: true, "aria-label": `Files of ${row.key || "the new part"}`, class: "sr", onchange: async () => {
      row.src = [...names, ...((await this.of.store?.(/** @type {FileList} */ (pick.files))) ?? [])];
      changed();
      again();
    } });
    return h("span", { class: "files" }, ...names.map((name, at) => h("span", { class: "tag" }, name, button({ icon: "x", label: `Leave ${name} out`, class: "tiny", onclick: () => {
      names.splice(at, 1);
      changed();
      again();
    } }))), h("label", { class: "btn tiny line" }, pick, "Choose files"));
  }

  /** @param {KeyboardEvent} event @param {Row} row */
  #key(event, row) {
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0, target = /** @type {Element} */ (event.target);
    if (!step || this.of.kind === "fixed" || !(event.altKey || target.classList.contains("grip"))) return;
    event.preventDefault();
    const control = [...(target.closest("li")?.children ?? [])].findIndex((cell) => cell.contains(target));
    this.#move(row, this.rows.indexOf(row) + step);
    this.#focus(this.rows.indexOf(row), control);
  }

  /** @param {Row} row @param {number} to */
  #move(row, to) {
    const from = this.rows.indexOf(row);
    if (from < 0 || to < 0 || to >= this.rows.length || from === to) return;
    this.rows.splice(from, 1);
    this.rows.splice(to, 0, row);
    this.show();
    this.of.onchange();
  }

  /** @param {PointerEvent} start @param {Row} row */
  #drag(start, row) {
    start.preventDefault();
    const moved = (/** @type {PointerEvent} */ event) => {
      const over = [...this.list.children].findIndex((line) => event.clientY < line.getBoundingClientRect().bottom);
      this.#move(row, over < 0 ? this.rows.length - 1 : Math.min(over, this.rows.length - 1));
    };
    addEventListener("pointermove", moved);
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => removeEventListener("pointermove", moved), { once: true });
  }

  /** @param {number} at @param {number} control */
  #focus(at, control) {
    const cell = this.list.children[at]?.children[control], found = cell?.matches("input, button") ? cell : cell?.querySelector("input, button");
    if (found instanceof HTMLElement) found.focus();
  }

  /** Brings the text of a row's value in line with the row. @param {number} at */
  write(at) {
    const input = this.list.children[at]?.querySelector(".held input");
    if (input instanceof HTMLInputElement) fill(input, this.rows[at].value ?? "");
  }
}
