// XML and HTML with a line for each tag.

/** Elements of HTML that have no end. */
const VOID = /^<(area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)\b/i;
/** Levels beyond which lines are not moved any further. */
const DEEPEST = 40;

/** @param {string} text */
export function indentedMarkup(text) {
  let depth = 0;
  return text.replace(/>\s+</g, "><").split(/(?<=>)(?=<)/).map((tag) => {
    if (/^<\//.test(tag)) depth--;
    const line = "  ".repeat(Math.max(0, Math.min(depth, DEEPEST))) + tag.trim();
    if (/^<[^!?/]([^>]*[^>/])?>$/.test(tag) && !VOID.test(tag)) depth++;
    return line;
  }).join("\n");
}
