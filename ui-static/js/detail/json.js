// A JSON reader that loses nothing: numbers keep their digits, objects their order and their duplicate names.

/**
 * @typedef {({ kind: "object", entries: [string, JsonNode][] } | { kind: "array", items: JsonNode[] } | { kind: "string", value: string }
 *   | { kind: "number", text: string } | { kind: "literal", text: string }) & { aside?: string }} JsonNode `aside` is said after the value
 */

/** Nesting beyond which text is not taken for a document worth showing as a tree. */
const DEEPEST = 400;

/**
 * @param {string} text
 * @returns {JsonNode | null} `null` if it is not JSON (RFC 8259)
 */
export function parseJson(text) {
  try {
    return new Reader(text).document();
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/**
 * A node as compact JSON text.
 * @param {JsonNode} node
 * @returns {string}
 */
export function jsonText(node) {
  switch (node.kind) {
    case "object": return `{${node.entries.map(([key, value]) => `${JSON.stringify(key)}:${jsonText(value)}`).join(",")}}`;
    case "array": return `[${node.items.map(jsonText).join(",")}]`;
    case "string": return JSON.stringify(node.value);
    default: return node.text;
  }
}

const SPACE = /[ \t\n\r]*/y, NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y, LITERAL = /true|false|null/y;
const QUOTE = 0x22, BACKSLASH = 0x5c;

class Reader {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.at = 0;
    this.depth = 0;
  }

  document() {
    if (this.text.charCodeAt(0) === 0xfeff) this.at = 1;
    const node = this.value();
    this.take(SPACE);
    if (this.at < this.text.length) this.fail();
    return node;
  }

  /** @returns {JsonNode} */
  value() {
    this.take(SPACE);
    const first = this.text[this.at];
    if (first === "{") return this.nested(() => this.object());
    if (first === "[") return this.nested(() => this.array());
    if (first === '"') return { kind: "string", value: this.string() };
    const number = this.take(NUMBER);
    if (number) return { kind: "number", text: number };
    return { kind: "literal", text: this.take(LITERAL) || this.fail() };
  }

  /**
   * @param {() => JsonNode} read
   * @returns {JsonNode}
   */
  nested(read) {
    if (++this.depth > DEEPEST) this.fail();
    this.at++;
    const node = read();
    this.depth--;
    return node;
  }

  /** @returns {JsonNode} */
  object() {
    /** @type {[string, JsonNode][]} */
    const entries = [];
    if (this.skip("}")) return { kind: "object", entries };
    do {
      this.take(SPACE);
      const key = this.string();
      if (!this.skip(":")) this.fail();
      entries.push([key, this.value()]);
    } while (this.skip(","));
    if (!this.skip("}")) this.fail();
    return { kind: "object", entries };
  }

  /** @returns {JsonNode} */
  array() {
    /** @type {JsonNode[]} */
    const items = [];
    if (this.skip("]")) return { kind: "array", items };
    do items.push(this.value());
    while (this.skip(","));
    if (!this.skip("]")) this.fail();
    return { kind: "array", items };
  }

  string() {
    const { text } = this, from = this.at;
    if (text[from] !== '"') this.fail();
    let to = from + 1, escaped = false;
    for (let code = text.charCodeAt(to); code !== QUOTE; code = text.charCodeAt(to)) {
      if (!(code >= 0x20)) this.fail();
      escaped ||= code === BACKSLASH;
      to += code === BACKSLASH ? 2 : 1;
    }
    this.at = to + 1;
    return escaped ? /** @type {string} */ (JSON.parse(text.slice(from, to + 1))) : text.slice(from + 1, to);
  }

  /** @param {string} char Steps over it, and the space before it, if it is next. */
  skip(char) {
    this.take(SPACE);
    if (this.text[this.at] !== char) return false;
    this.at++;
    return true;
  }

  /** @param {RegExp} sticky */
  take(sticky) {
    sticky.lastIndex = this.at;
    const [found = ""] = sticky.exec(this.text) ?? [];
    this.at += found.length;
    return found;
  }

  /** @returns {never} */
  fail() {
    throw new SyntaxError(`not JSON at ${this.at}`);
  }
}
