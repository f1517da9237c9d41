// Which lines of text are meant by a few letters.

/**
 * The items that have the letters, best first: the whole text at its beginning, at the beginning of a word, anywhere, or letter by letter.
 * @template T
 * @param {T[]} items
 * @param {(item: T) => string} text
 * @param {string} wanted
 * @returns {T[]}
 */
export function best(items, text, wanted) {
  if (!wanted) return items;
  const rated = items.map((item, n) => ({ item, n, rank: rank(text(item).toLowerCase(), wanted.toLowerCase()) }));
  return rated.filter(({ rank }) => rank < Infinity).sort((a, b) => a.rank - b.rank || a.n - b.n).map(({ item }) => item);
}

/**
 * @param {string} text
 * @param {string} wanted
 */
function rank(text, wanted) {
  const at = text.indexOf(wanted);
  if (at === 0) return 0;
  if (at > 0) return /[\s/.:]/.test(text[at - 1]) ? 1 : 2;
  let from = 0;
  for (const letter of wanted.replaceAll(" ", "")) {
    from = text.indexOf(letter, from) + 1;
    if (from === 0) return Infinity;
  }
  return 3 + from / 1000;
}
