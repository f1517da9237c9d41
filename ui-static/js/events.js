// The event stream: keeps it open, waits a little longer after every failure, and knows why it is gone.

import { ApiError, events, resume } from "./api.js";
import { store } from "./state.js";

/** @import { Proxy, Session, Status, Summary } from "./api-types.js" */

/** Seconds before the next try. */
const WAITS = [1, 2, 4, 8, 15, 30];

/**
 * @typedef {object} Listener
 * @property {(items: Summary[]) => void} exchanges
 * @property {(session: Session & { deleted?: boolean }) => void} session
 * @property {(ids: string[]) => void} gone exchanges that were deleted, or that the rules kept out after all
 * @property {(proxy: Proxy) => void} proxy
 * @property {(status: Status) => void} status
 * @property {() => void} resync what was missed is gone: load anew
 * @property {() => void} again connected after an interruption
 */

export class EventLink {
  /** @param {Listener} listener */
  constructor(listener) {
    this.listener = listener;
    /** @type {EventSource | null} */
    this.source = null;
    this.failures = 0;
    this.timer = 0;
    this.interrupted = false;
    // A page that the browser keeps for going back to must not keep one of its few connections to the daemon, too.
    addEventListener("pagehide", () => {
      clearTimeout(this.timer);
      this.source?.close();
    });
    addEventListener("pageshow", ({ persisted }) => {
      if (!persisted) return;
      this.interrupted = true;
      this.retry();
    });
  }

  open() {
    clearTimeout(this.timer);
    this.source?.close();
    const source = (this.source = events());
    const on = (/** @type {string} */ name, /** @type {(data: any) => void} */ handle) =>
      source.addEventListener(name, (event) => handle(JSON.parse(/** @type {MessageEvent} */ (event).data)));
    source.addEventListener("open", () => this.#opened());
    source.addEventListener("error", () => this.#lost());
    on("exchanges", ({ items }) => this.listener.exchanges(items));
    on("session", (session) => this.listener.session(session));
    on("deleted", ({ ids }) => this.listener.gone(ids));
    on("proxy", (proxy) => this.listener.proxy(proxy));
    on("status", (status) => this.listener.status(status));
    on("send", () => store.set({ sendsAt: store.state.sendsAt + 1 }));
    on("environment", () => store.set({ environmentsAt: store.state.environmentsAt + 1 }));
    on("collection", () => store.set({ collectionsAt: store.state.collectionsAt + 1 }));
    on("agent", () => store.set({ agentAt: store.state.agentAt + 1 }));
    on("conversation", (conversation) => store.set({ conversation }));
    on("replay", () => store.set({ replaysAt: store.state.replaysAt + 1 }));
    on("jar", () => store.set({ jarsAt: store.state.jarsAt + 1 }));
    on("cookie_sync", () => store.set({ syncAt: store.state.syncAt + 1 }));
    on("console", ({ id }) => store.set({ consoleAt: id }));
    on("resync", () => this.listener.resync());
  }

  /** Does not wait for the next try. */
  retry() {
    clearTimeout(this.timer);
    void this.#tryAgain();
  }

  #opened() {
    this.failures = 0;
    store.set({ link: "connected", retryAt: 0 });
    if (this.interrupted) this.listener.again();
    this.interrupted = false;
  }

  #lost() {
    this.source?.close();
    this.interrupted = true;
    const wait = WAITS[Math.min(this.failures++, WAITS.length - 1)] * 1000 * (0.85 + Math.random() * 0.3);
    store.set({ link: "lost", retryAt: Date.now() + wait });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.#tryAgain(), wait);
  }

  /** The stream cannot say why it failed; an ordinary call can. */
  async #tryAgain() {
    store.set({ retryAt: 0 });
    try {
      await resume();
      this.open();
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) store.set({ login: "out", link: "lost", retryAt: 0 });
      else this.#lost();
    }
  }
}
