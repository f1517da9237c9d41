// JSON paths (RFC 9535) as a reader would write them: `$.lines[0].price`, `$["odd name"]`, `$..id`, `$.lines[?@.qty > 1]`.

/** @import { JsonNode } from "./json.js" */

/**
 * @param {string} parent
 * @param {string | number} key
 */
export function step(parent, key) {
  if (typeof key === "number") return `${parent}[${key}]`;
  return /^[A-Za-z_]\w*$/.test(key) ? `${parent}.${key}` : `${parent}[${JSON.stringify(key)}]`;
}

/** Matches beyond which a list is no help. */
const MOST = 10_000;

const QUOTED = String.raw`"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'`;
const SEGMENT = new RegExp(String.raw`^(\.\.?)?(?:(\*)|([A-Za-z_\u0080-\uffff][\w\u0080-\uffff-]*)|\[((?:${QUOTED}|[^\]"'])*)\])`);
const TEST = new RegExp(String.raw`^\?\s*\(?\s*@((?:\.[\w-]+|\[[^\]]+\])*)\s*(?:(==|!=|<=|>=|<|>)\s*(${QUOTED}|-?[\d.]+(?:e[+-]?\d+)?|true|false|null))?\s*\)?\s*$`, "i");

/**
 * What a path leads to.
 * @param {JsonNode} root
 * @param {string} path
 * @returns {JsonNode[] | null} `null` if it is no path that can be read
 */
export function select(root, path) {
  let rest = path.trim(), found = [root];
  if (rest[0] !== "$" && rest[0] !== "@") return null;
  for (rest = rest.slice(1); rest; ) {
    const [all, dots, star, name, inside] = SEGMENT.exec(rest) ?? [];
    if (!all || (!dots && inside === undefined)) return null;
    if (dots === "..") found = found.flatMap(descendants);
    const pick = star ? members : name !== undefined ? (/** @type {JsonNode} */ node) => child(node, name) : selector(inside ?? "");
    if (!pick) return null;
    found = found.flatMap(pick).slice(0, MOST);
    rest = rest.slice(all.length);
  }
  return found;
}

/** @param {string} text Between brackets. @returns {((node: JsonNode) => JsonNode[]) | null} */
function selector(text) {
  const test = TEST.exec(text.trim());
  if (test) {
    const [, path, sign, literal] = test;
    return (node) => members(node).filter((one) => {
      const values = select(one, `@${path}`) ?? [];
      return sign ? values.some((value) => holds(value, sign, literal)) : values.length > 0;
    });
  }
  const picks = (text.match(new RegExp(`${QUOTED}|[^,]+`, "g")) ?? []).map((one) => {
    const part = one.trim(), slice = /^(-?\d*):(-?\d*)$/.exec(part);
    if (part === "*") return members;
    if (slice) return (/** @type {JsonNode} */ node) => (node.kind === "array" ? node.items.slice(Number(slice[1] || 0), slice[2] ? Number(slice[2]) : undefined) : []);
    if (/^-?\d+$/.test(part)) return (/** @type {JsonNode} */ node) => (node.kind === "array" ? [node.items.at(Number(part))].flatMap((item) => item ?? []) : []);
    return /^["']/.test(part) ? (/** @type {JsonNode} */ node) => child(node, unquoted(part)) : null;
  });
  return picks.length && !picks.includes(null) ? (node) => picks.flatMap((pick) => pick?.(node) ?? []) : null;
}

/** @param {JsonNode} node @param {string} sign @param {string} literal */
function holds(node, sign, literal) {
  const text = /^["']/.test(literal), right = text ? unquoted(literal) : /^[-\d.]/.test(literal) ? Number(literal) : literal;
  const left = node.kind === "string" ? node.value : node.kind === "number" ? Number(node.text) : node.kind === "literal" ? node.text : null;
  const same = typeof left === typeof right && (node.kind === "string") === text;
  switch (sign) {
    case "==": return same && left === right;
    case "!=": return !same || left !== right;
    default: return same && left !== null && (sign[0] === "<" ? left < right : left > right) || (sign[1] === "=" && same && left === right);
  }
}

/** @param {string} text */
const unquoted = (text) => text.slice(1, -1).replace(/\\(.)/g, "$1");

/** @param {JsonNode} node @returns {JsonNode[]} */
const members = (node) => (node.kind === "object" ? node.entries.map(([, value]) => value) : node.kind === "array" ? node.items : []);

/** @param {JsonNode} node @param {string} key */
const child = (node, key) => (node.kind === "object" ? node.entries.filter(([name]) => name === key).map(([, value]) => value) : []);

/** @param {JsonNode} node @returns {JsonNode[]} It and everything in it, nested as deep as the reader lets through. */
const descendants = (node) => [node, ...members(node).flatMap(descendants)];
