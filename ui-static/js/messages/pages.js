// Which messages there are, and those near what the reader looks at: loaded a block at a time, given up again when far.
// A row is an index among the messages that pass the filter. Without a filter, row 0 is message 1 and nothing has to be
// loaded to know how many rows there are; with one, the daemon is asked for its matches from the beginning on.

/** @import { MessageItem, MessagePage } from "../api-types.js" */
/** @import { MessageQuery } from "../api-exchange.js" */

/** Messages of a block, blocks kept, matches taken from one answer, and matches listed at most. */
const BLOCK = 200, KEPT = 40, SCAN = 1000, MOST = 100_000;
/** Milliseconds before what could not be loaded is tried again. */
const AGAIN = 2000;

/**
 * @typedef {object} Block
 * @property {MessageItem[]} items by place in the block, with holes
 * @property {number} upto number up to which the daemon was asked; what is not there is not kept
 */

export class MessagePages {
  /**
   * @param {(query: MessageQuery, signal: AbortSignal) => Promise<MessagePage>} ask
   * @param {() => void} onchange rows came, or what they show
   */
  constructor(ask, onchange) {
    this.ask = ask;
    this.onchange = onchange;
    /** Messages of the exchange, whether they pass or not. */
    this.total = 0;
    this.sender = "";
    this.text = "";
    /** @type {number[] | null} Numbers of what passes; `null` while everything does. */
    this.numbers = null;
    /** The daemon has looked at all messages up to here. */
    this.scanned = 0;
    /** @type {AbortSignal | null} Of the scan that is under way. */
    this.scanner = null;
    /** @type {Map<number, Block>} */
    this.blocks = new Map();
    /** @type {Set<number>} Blocks on their way. */
    this.loading = new Set();
    /** Why the last question failed, or empty. */
    this.error = "";
    this.timer = 0;
    this.middle = 0;
    this.asking = new AbortController();
  }

  /** Rows. */
  get length() { return this.numbers ? this.numbers.length : this.total; }

  /** Whether something hides messages. */
  get filtered() { return this.numbers !== null; }

  /** Whether there may be matches beyond those that are listed. */
  get cut() { return this.filtered && this.length >= MOST; }

  /** Whether the daemon is still looking for matches. */
  get scanning() { return this.scanner !== null; }

  /**
   * The number of the message in a row.
   * @param {number} row
   */
  number(row) { return this.numbers ? this.numbers[row] : row + 1; }

  /**
   * The row of a message, or -1.
   * @param {number} number
   */
  row(number) {
    if (!this.numbers) return number >= 1 && number <= this.total ? number - 1 : -1;
    const at = lowerBound(this.numbers, number);
    return this.numbers[at] === number ? at : -1;
  }

  /**
   * The message in a row; `null` if it is not loaded, `undefined` if it is not kept.
   * @param {number} row
   * @returns {MessageItem | null | undefined}
   */
  item(row) {
    const block = this.blocks.get(Math.floor(row / BLOCK));
    if (!block) return null;
    return block.items[row % BLOCK] ?? (this.number(row) <= block.upto ? undefined : null);
  }

  /**
   * Shows other messages: those of one sender, or that hold a text. Empty means all.
   * @param {string} sender
   * @param {string} text
   */
  filter(sender, text) {
    if (sender === this.sender && text === this.text) return;
    this.#forget();
    this.sender = sender;
    this.text = text;
    this.numbers = sender || text ? [] : null;
    this.scanned = 0;
    if (this.numbers) void this.#scan();
    this.onchange();
  }

  /**
   * There are so many messages now.
   * @param {number} total
   */
  grew(total) {
    if (total <= this.total) return;
    this.total = total;
    if (this.numbers) void this.#scan();
    this.onchange();
  }

  /**
   * These rows are wanted: what of them is not loaded is asked for.
   * @param {number} from
   * @param {number} to exclusive
   */
  want(from, to) {
    this.middle = (from + to) / 2 / BLOCK;
    if (this.timer) return;
    for (let block = Math.floor(from / BLOCK); block * BLOCK < Math.min(to, this.length); block++) {
      const known = this.blocks.get(block), last = Math.min((block + 1) * BLOCK, this.length) - 1;
      if (!known || known.upto < this.number(last)) void this.#load(block);
    }
  }

  /** Ends what is still on its way. */
  close() {
    this.#forget();
  }

  /** @param {number} block */
  async #load(block) {
    if (this.loading.has(block)) return;
    this.loading.add(block);
    const after = Math.max(this.number(block * BLOCK) - 1, this.blocks.get(block)?.upto ?? 0), { total } = this;
    await this.#question({ after, limit: BLOCK }, (page) => {
      this.loading.delete(block);
      const last = page.items.at(-1)?.number ?? after + 1;
      this.#reached(block, Math.max(last, page.next ?? Math.max(page.total, total)));
      for (const item of page.items) this.#put(item, block);
      this.#trim();
    });
  }

  /** Asks for matches until the daemon has looked at every message. */
  async #scan() {
    const { signal } = this.asking, { numbers } = this;
    if (this.scanner === signal || !numbers) return;
    this.scanner = signal;
    let going = true;
    while (going && !this.cut && this.scanned < this.total) {
      const { scanned: after, total } = this;
      going = await this.#question({ after, limit: after === 0 ? BLOCK : SCAN }, (page) => {
        for (const item of page.items) this.#found(item, numbers);
        this.scanned = Math.max(after + 1, page.next ?? Math.max(page.total, total));
        this.#trim();
      });
    }
    if (this.scanner !== signal) return;
    this.scanner = null;
    this.onchange();
  }

  /**
   * One more match. It is kept if its block is there, or begins with it.
   * @param {MessageItem} item
   * @param {number[]} numbers
   */
  #found(item, numbers) {
    if (item.number <= (numbers.at(-1) ?? 0)) return;
    const row = numbers.push(item.number) - 1, block = Math.floor(row / BLOCK);
    if (!this.blocks.has(block) && row % BLOCK > 0) return;
    this.#put(item, block);
    this.#reached(block, item.number);
  }

  /**
   * @param {MessageQuery} query
   * @param {(page: MessagePage) => void} take
   * @returns {Promise<boolean>} whether there was an answer that still matters
   */
  async #question(query, take) {
    const { signal } = this.asking;
    try {
      const page = await this.ask({ ...query, sender: this.sender, text: this.text }, signal);
      if (signal.aborted) return false;
      this.error = "";
      this.total = Math.max(this.total, page.total);
      take(page);
      this.onchange();
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      this.error = error instanceof Error ? error.message : String(error);
      this.loading.clear();
      this.timer ||= setTimeout(() => {
        this.timer = 0;
        if (this.numbers) void this.#scan();
        this.onchange();
      }, AGAIN);
      this.onchange();
      return false;
    }
  }

  /**
   * @param {MessageItem} item
   * @param {number} block where it belongs if it is there at all
   */
  #put(item, block) {
    const row = this.row(item.number);
    if (row < 0 || Math.floor(row / BLOCK) !== block) return;
    this.#block(block).items[row % BLOCK] = item;
  }

  /**
   * @param {number} block
   * @param {number} number
   */
  #reached(block, number) {
    const made = this.#block(block);
    made.upto = Math.max(made.upto, number);
  }

  /** @param {number} block */
  #block(block) {
    let made = this.blocks.get(block);
    if (!made) this.blocks.set(block, (made = { items: [], upto: 0 }));
    return made;
  }

  /** Gives up the blocks farthest from what was wanted last. */
  #trim() {
    if (this.blocks.size <= KEPT) return;
    const far = (/** @type {number} */ block) => Math.abs(block + 0.5 - this.middle);
    const order = [...this.blocks.keys()].sort((a, b) => far(b) - far(a));
    for (const block of order.slice(0, this.blocks.size - KEPT)) this.blocks.delete(block);
  }

  #forget() {
    this.asking.abort();
    this.asking = new AbortController();
    this.blocks.clear();
    this.loading.clear();
    this.error = "";
    clearTimeout(this.timer);
    this.timer = 0;
  }
}

/**
 * Where a number stands, or would stand, among ascending ones.
 * @param {number[]} numbers
 * @param {number} wanted
 */
function lowerBound(numbers, wanted) {
  let low = 0, high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
