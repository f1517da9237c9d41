// One object of state; whoever shows a part of it subscribes to that part.

/**
 * @template {object} S
 */
export class Store {
  /** @param {S} initial */
  constructor(initial) {
    /** @type {Readonly<S>} */
    this.state = initial;
    /** @type {Set<{ keys: (keyof S)[], listener: (state: Readonly<S>) => void }>} */
    this.listeners = new Set();
  }

  /**
   * Replaces some values, then tells those who subscribed to one that really changed.
   * @param {Partial<S>} patch
   */
  set(patch) {
    const before = this.state;
    const changed = /** @type {(keyof S)[]} */ (Object.keys(patch)).filter((key) => !Object.is(before[key], patch[key]));
    if (changed.length === 0) return;
    this.state = { ...before, ...patch };
    for (const { keys, listener } of [...this.listeners]) {
      if (keys.some((key) => changed.includes(key))) listener(this.state);
    }
  }

  /**
   * Calls `listener` now and whenever one of `keys` changes.
   * @param {(keyof S)[]} keys
   * @param {(state: Readonly<S>) => void} listener
   * @returns {() => void} ends the subscription
   */
  watch(keys, listener) {
    const entry = { keys, listener };
    this.listeners.add(entry);
    listener(this.state);
    return () => this.listeners.delete(entry);
  }
}
