// Protobuf without its schema, as a tree: field numbers for names, and beside each value what else it may mean.

/** @import { ProtobufField, ProtobufValue } from "../api-types.js" */
/** @import { JsonNode } from "../detail/json.js" */

/**
 * @param {ProtobufField[]} fields
 * @returns {JsonNode}
 */
export function protobufTree(fields) {
  return { kind: "object", entries: fields.map(({ number, wire, value }) => [String(number), node(wire, value)]) };
}

/**
 * @param {string} wire
 * @param {ProtobufValue} value
 * @returns {JsonNode}
 */
function node(wire, { uint, sint, float, text, message, hex, length }) {
  if (message) return { ...protobufTree(message), aside: wire === "group" ? "group" : "message" };
  if (text !== undefined) return { kind: "string", value: text };
  if (hex !== undefined) return { kind: "literal", text: hex ? `${hex}${(length ?? 0) * 2 > hex.length ? "…" : ""}` : "empty", aside: `${wire === "len" ? "bytes" : wire}, ${length ?? Math.ceil(hex.length / 2)} B` };
  const zigzag = sint !== undefined && String(sint) !== String(uint) && `zigzag ${sint}`;
  const floating = float !== undefined && float !== null && `float ${float}`;
  return { kind: "number", text: String(uint ?? ""), aside: [wire, zigzag, floating].filter(Boolean).join(", ") };
}
