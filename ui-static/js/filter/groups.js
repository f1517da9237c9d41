// Groups of exchanges put together.

/** @import { Group } from "../api-types.js" */

/**
 * Statuses as classes such as `4xx`; what has none stays apart.
 * @param {Group[]} items
 * @returns {Group[]}
 */
export function classes(items) {
  /** @type {Map<string, Group>} */
  const made = new Map();
  for (const { value, exchanges, bytes, failures } of items) {
    const name = value && `${value[0]}xx`, group = made.get(name) ?? { value: name, exchanges: 0, bytes: 0, failures: 0 };
    made.set(name, { value: name, exchanges: group.exchanges + exchanges, bytes: group.bytes + bytes, failures: group.failures + failures });
  }
  return [...made.values()].sort((a, b) => (!a.value ? 1 : !b.value || a.value < b.value ? -1 : 1));
}
