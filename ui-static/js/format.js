// Numbers and times as people read them. Input is bytes and microseconds, as in the API.

const UNITS = ["B", "KB", "MB", "GB", "TB"];

/**
 * `18.4 KB`, powers of 1024.
 * @param {number} count
 */
export function bytes(count) {
  let value = count, unit = 0;
  while (value >= 1023.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/**
 * `236 ms`, `1.28 s`, `4 min 05 s`.
 * @param {number} us
 */
export function duration(us) {
  const ms = us / 1000;
  if (ms < 0.995) return us < 5 ? "0 ms" : `${ms.toFixed(2)} ms`;
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(ms < 9995 ? 2 : 1)} s`;
  return span(us);
}

/**
 * The same in as little room as a column has: `236 ms`, `12.3 s`, `2.1 min`, `3.2 h`.
 * @param {number} us
 */
export function brief(us) {
  const minutes = us / 60e6, round = (/** @type {number} */ n) => n.toFixed(n < 9.95 ? 1 : 0);
  if (us < 59_950_000) return duration(us);
  return minutes < 59.5 ? `${round(minutes)} min` : minutes < 1439 ? `${round(minutes / 60)} h` : `${round(minutes / 1440)} d`;
}

/**
 * A long time in its two largest units: `14 min 32 s`, `3 h 07 min`, `2 d 4 h`.
 * @param {number} us
 */
export function span(us) {
  const seconds = Math.max(0, Math.floor(us / 1e6)), two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor((seconds % 86_400) / 3600)} h`;
}

/**
 * `14:32:00.06`, local time.
 * @param {number} us since the Unix epoch
 */
export function clock(us) {
  const date = new Date(us / 1000), two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const hundredths = Math.floor(date.getMilliseconds() / 10);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${two(hundredths)}`;
}

const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });

/**
 * `22 Nov 2026`, local time, in the reader's language.
 * @param {number} us since the Unix epoch
 */
export const day = (us) => DAY.format(us / 1000);

const COUNT = new Intl.NumberFormat("en");

/**
 * `18,330`
 * @param {number} n
 */
export const count = (n) => COUNT.format(n);

/**
 * `1 row`, `2 rows`
 * @param {number} n
 * @param {string} noun
 * @param {string} [nouns]
 */
export const plural = (n, noun, nouns = `${noun}s`) => `${count(n)} ${n === 1 ? noun : nouns}`;

/** Control characters, and those that turn the direction of the text around them. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Captured text with what cannot be seen written out, so that it looks like what it is.
 * @param {string} text
 */
export const visible = (text) => text.replace(UNSEEN, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
