// Bytes to text: in the charset the message names, or UTF-8, or not at all if they are not text.

/**
 * @param {Uint8Array} bytes
 * @param {string} contentType as in the header
 * @param {boolean} cut the last character may be incomplete
 * @returns {string | null} `null` for what is not text
 */
export function decodeText(bytes, contentType, cut) {
  const named = /;\s*charset="?([\w.:-]+)/i.exec(contentType)?.[1];
  if (!named && bytes.subarray(0, 4096).includes(0)) return null;
  try {
    return new TextDecoder(named ?? "utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: cut });
  } catch {
    if (/^text\/|[/+](json|xml|javascript)\b/i.test(contentType)) return new TextDecoder(label(named)).decode(bytes);
    return null;
  }
}

/** @param {string | undefined} named A charset the browser knows. */
function label(named) {
  try {
    return new TextDecoder(named).encoding;
  } catch {
    return "utf-8";
  }
}
