// JSON paths (RFC 9535) as a reader would write them: `$.lines[0].price`, `$["odd name"]`.

/**
 * @param {string} parent
 * @param {string | number} key
 */
export function step(parent, key) {
  if (typeof key === "number") return `${parent}[${key}]`;
  return /^[A-Za-z_]\w*$/.test(key) ? `${parent}.${key}` : `${parent}[${JSON.stringify(key)}]`;
}
