// One row of the table. A few dozen exist; each shows whichever exchange scrolls into its place.

import { h, icon, setText, sprite } from "../dom.js";
import { brief, bytes, clock, plural } from "../format.js";
import { grpcName, isServerFault } from "../grpc.js";
import { DONE, FAILED, KINDS, PASSED, SENT, TRUNCATED, UNSTORED } from "./columns.js";
import { outcome } from "./outcome.js";
import { Waterfall } from "./waterfall.js";

/** @import { Axis } from "./waterfall.js" */
/** @import { Columns } from "./columns.js" */

/**
 * @typedef {object} Place
 * @property {number} top pixels
 * @property {number} rowIndex counted over the whole list, from 1, for assistive technology
 * @property {boolean} selected it is the one that is open, or that keys act on
 * @property {boolean} checked
 * @property {Axis | null} axis `null`: there is no waterfall
 * @property {number} now microseconds since the epoch
 */

export class Row {
  constructor() {
    const text = () => document.createTextNode("");
    this.time = text();
    this.method = text();
    this.word = text();
    this.host = text();
    this.path = text();
    this.query = text();
    this.why = text();
    this.type = text();
    this.size = text();
    this.duration = text();
    this.use = icon("s-ok", "i12");
    this.mark = h("span", { class: "st" }, this.use, this.word);
    this.queryBox = h("span", { class: "q" }, this.query);
    this.pathBox = h("span", { class: "p" }, this.path, this.queryBox);
    this.whyBox = h("span", { class: "why", hidden: true }, this.why);
    this.durationBox = cell("c-dur num", this.duration);
    this.waterfall = new Waterfall();
    this.box = h("input", { type: "checkbox", tabindex: -1 });
    this.element = h("div", { role: "row", class: "row", tabindex: -1 },
      cell("c-check", this.box), cell("c-time", this.time), cell("c-method", this.method), cell("c-st", this.mark), cell("c-host", this.host),
      cell("c-path", this.pathBox, this.whyBox), cell("c-type", this.type), cell("c-size num", this.size),
      this.durationBox, cell("c-wf", this.waterfall.element));
    /** What is shown, for the click that opens it. */
    this.slot = -1;
    this.version = 0;
    this.open = false;
    this.top = -1;
    this.shape = "";
  }

  /**
   * @param {Columns} columns
   * @param {number} slot
   * @param {Place} place
   */
  update(columns, slot, { top, rowIndex, selected, checked, axis, now }) {
    this.#place(top, rowIndex, selected);
    this.check(checked);
    if (this.slot !== slot || this.version !== columns.version[slot] || this.open) this.#write(columns, slot, now);
    if (axis) this.waterfall.update(columns, slot, axis, now);
  }

  /** @param {boolean} checked */
  check(checked) {
    if (this.box.checked === checked && this.element.classList.contains("checked") === checked) return;
    this.box.checked = checked;
    this.element.classList.toggle("checked", checked);
  }

  /**
   * @param {Columns} columns
   * @param {number} slot
   * @param {number} now
   */
  #write(columns, slot, now) {
    const { numbers, texts } = columns, flags = columns.flags[slot], kind = KINDS[columns.kind[slot]], done = (flags & DONE) !== 0;
    this.slot = slot;
    this.version = columns.version[slot];
    this.open = !done;
    setText(this.time, clock(numbers.started[slot]));
    setText(this.method, texts.method[slot]);
    setText(this.host, texts.host[slot]);
    attribute(this.box, "aria-label", `Select ${texts.method[slot]} ${texts.host[slot]}${texts.path[slot]}`);
    setText(this.type, texts.type[slot]);
    setText(this.size, done || numbers.responseSize[slot] > 0 ? bytes(numbers.responseSize[slot]) : "");
    this.#outcome(outcome({ kind, status: columns.status[slot], grpc: numbers.grpc[slot], passed: (flags & PASSED) !== 0, done, failed: (flags & FAILED) !== 0 }));
    this.#path(texts.path[slot], kind);
    this.#why({ kind, flags, reason: texts.reason[slot], status: columns.status[slot], grpc: numbers.grpc[slot], messages: numbers.messages[slot] });
    const took = done ? numbers.end[slot] : now - numbers.started[slot];
    setText(this.duration, Number.isNaN(took) ? "" : done ? brief(took) : running(took));
    this.durationBox.classList.toggle("open", !done);
  }

  /**
   * @param {number} top
   * @param {number} rowIndex
   * @param {boolean} selected
   */
  #place(top, rowIndex, selected) {
    const { element } = this;
    if (this.top !== top) element.style.transform = `translateY(${(this.top = top)}px)`;
    attribute(element, "aria-rowindex", String(rowIndex));
    attribute(element, "aria-selected", String(selected));
    attribute(element, "tabindex", selected ? "0" : "-1");
  }

  /** @param {import("./outcome.js").Outcome} outcome */
  #outcome({ color, shape, word }) {
    setText(this.word, word);
    if (this.shape === `${color} ${shape}`) return;
    this.shape = `${color} ${shape}`;
    this.mark.className = `st ${color}`;
    this.use.firstElementChild?.setAttribute("href", sprite(shape));
    this.element.classList.toggle("is-tunnel", color === "pass");
  }

  /**
   * @param {string} path
   * @param {string} kind
   */
  #path(path, kind) {
    const query = path.indexOf("?");
    setText(this.path, path ? (query < 0 ? path : path.slice(0, query)) : STANDS_FOR[kind] ?? "");
    setText(this.query, query < 0 ? "" : path.slice(query));
    this.pathBox.classList.toggle("dim", !path);
    this.pathBox.title = path;
  }

  /** @param {Special} special */
  #why(special) {
    const [word, look] = why(special);
    setText(this.why, word);
    this.whyBox.hidden = word === "";
    if (word) this.whyBox.className = `why ${look}`;
  }
}

/** @typedef {{ kind: string, flags: number, reason: string, status: number, grpc: number, messages: number }} Special */

/**
 * The word at the end of the path, and how it looks: why an exchange failed, or what is special about it.
 * @param {Special} of
 * @returns {[string, string]}
 */
function why({ kind, flags, reason, status, grpc, messages }) {
  const open = !(flags & DONE);
  if (kind === "pinned") return [reason || "closed without a request", "tag warn"];
  if (reason) return [reason, flags & FAILED ? "tag err" : "tag pass"];
  if (grpc > 0) return [grpcName(grpc) || "unknown status", isServerFault(grpc) ? "tag err" : "tag warn"];
  if (messages > 0 && (kind === "websocket" || !open) && !(flags & TRUNCATED) && kind !== "grpc") return [plural(messages, "message"), open ? "tag stream" : "dim"];
  if (open && status && kind !== "tunnel") return [kind === "websocket" ? "open" : "streaming", "tag stream"];
  if (flags & TRUNCATED) return ["truncated", "tag warn"];
  if (flags & UNSTORED) return ["not stored", "dim"];
  return flags & SENT ? ["sent", "dim"] : ["", ""];
}

const STANDS_FOR = /** @type {Record<string, string>} */ ({ tunnel: "bytes passed on unread", tls_failure: "TLS handshake", pinned: "TLS handshake", connect_failure: "tunnel" });

/** @param {number} us A time that is still counting: tenths of a second are enough, and do not flicker. */
const running = (us) => (us < 60e6 ? `${(Math.max(us, 0) / 1e6).toFixed(1)} s` : brief(us));

/**
 * @param {string} name
 * @param {...Node} content
 */
function cell(name, ...content) {
  return h("div", { role: "gridcell", class: name }, ...content);
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {string} value
 */
function attribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
