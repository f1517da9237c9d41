// Sorting by text. Comparing a hundred thousand texts two by two is slow; so some letters of each become one number, the engine sorts the
// numbers, and only texts that agree so far are looked at further.

/** Texts so few are compared. */
const FEW = 24;
/** The largest exact integer is below two to this. */
const BITS = 53;
/** Seven bits do for a letter of ASCII and zero for the end, seventeen for any unit of UTF-16. */
const WIDTHS = [7, 17];

/**
 * Sorts slots by their texts, by UTF-16 units; those with the same text stay in the order in which they are.
 * @param {Int32Array} slots
 * @param {string[]} texts by slot
 */
export function sortByText(slots, texts) {
  const numbers = new Float64Array(slots.length);
  /** From one place to another they agree in so many letters. @type {[number, number, number][]} */
  const groups = [[0, slots.length, 0]];
  for (let group = groups.pop(); group; group = groups.pop()) {
    const [from, to, known] = group, part = slots.subarray(from, to);
    if (to - from <= FEW) part.sort((a, b) => (texts[a] < texts[b] ? -1 : texts[a] > texts[b] ? 1 : 0));
    else split(part, texts, agreed(part, texts, known), numbers.subarray(0, to - from), (first, end, same) => groups.push([from + first, from + end, same]));
  }
}

/**
 * In how many letters all of them agree.
 * @param {Int32Array} slots
 * @param {string[]} texts
 * @param {number} known they do in so many
 */
function agreed(slots, texts, known) {
  const first = texts[slots[0]];
  let same = first.length;
  for (let at = 1; at < slots.length && same > known; at++) {
    const text = texts[slots[at]];
    let letter = known;
    while (letter < same && text.charCodeAt(letter) === first.charCodeAt(letter)) letter++;
    same = letter;
  }
  return same;
}

/**
 * Sorts by the next letters, and tells which of them still agree.
 * @param {Int32Array} slots
 * @param {string[]} texts
 * @param {number} skip letters that are the same
 * @param {Float64Array} numbers room for as many
 * @param {(first: number, end: number, same: number) => void} further
 */
function split(slots, texts, skip, numbers, further) {
  const many = slots.length, room = BITS - Math.ceil(Math.log2(many)), before = slots.slice();
  let letters = 0;
  for (const width of WIDTHS) {
    letters = Math.floor(room / width);
    if (number(slots, texts, skip, skip + letters, 2 ** width, numbers)) break;
  }
  numbers.sort();
  let first = 0, value = -1;
  for (let at = 0; at < many; at++) {
    const now = Math.floor(numbers[at] / many);
    if (now !== value) {
      if (at - first > 1 && texts[slots[first]].length >= skip + letters) further(first, at, skip + letters);
      first = at;
      value = now;
    }
    slots[at] = before[numbers[at] - now * many];
  }
  if (many - first > 1 && texts[slots[first]].length >= skip + letters) further(first, many, skip + letters);
}

/**
 * Letters of each text as a number, and its place behind them. `false` if one is too large.
 * @param {Int32Array} slots
 * @param {string[]} texts
 * @param {number} from
 * @param {number} to
 * @param {number} base
 * @param {Float64Array} numbers
 */
function number(slots, texts, from, to, base, numbers) {
  const many = slots.length;
  for (let at = 0; at < many; at++) {
    const text = texts[slots[at]], length = text.length;
    let value = 0;
    for (let letter = from; letter < to; letter++) {
      const unit = letter < length ? text.charCodeAt(letter) + 1 : 0;
      if (unit >= base) return false;
      value = value * base + unit;
    }
    numbers[at] = value * many + at;
  }
  return true;
}
