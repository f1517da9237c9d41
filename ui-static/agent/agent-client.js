// A client of Waylay for web pages: requests go out from the computer the page is shown on, free of CORS. It depends on nothing and may be copied.
//
//   const agent = new WaylayAgent({ token: localStorage.getItem("waylay") });
//   const found = await agent.detect();                      // found.state: "paired", "pairing" or "unreachable"; found.words for people
//   const { token } = await agent.pair("482 057");           // the code that `waylay agent pair ORIGIN` prints
//   const response = await agent.fetch("https://api.example/items", { method: "POST", body: "{}" });
//   for await (const bytes of response.body) …               // as they come; or await response.json()
//   const socket = await agent.connect("wss://api.example/socket", { protocols: ["chat.v2"], onmessage: ({ data }) => … });
//   await socket.send("hello"); await socket.close(1000);

/** Where Waylay usually listens. */
export const USUAL = "http://127.0.0.1:5560";

/** Statuses after which another answer may follow: redirects, and the question who one is. */
const PASSING = [301, 302, 303, 307, 308, 401];

/** Why something came to nothing. `code`: a word for programs, `hint`: what to do, `stage`: how far a request came. */
export class AgentError extends Error {
  /**
   * @param {string} message
   * @param {{ code?: string, hint?: string, stage?: string, status?: number }} [more]
   */
  constructor(message, { code = "", hint = "", stage = "", status = 0 } = {}) {
    super(message);
    this.name = "AgentError";
    this.code = code;
    this.hint = hint;
    this.stage = stage;
    this.status = status;
  }
}

/** The answer to a request. Its body can be read once. */
export class AgentResponse {
  /**
   * @param {{ send: number, status: number, version: string, headers: [string, string][] }} head
   * @param {ReadableStream<Uint8Array>} body content codings are undone, unless it was asked otherwise
   * @param {Promise<{ hops: object[], error: object | null, warnings: string[] }>} done when all of it has come
   * @param {() => Promise<void>} cancel
   */
  constructor(head, body, done, cancel) {
    this.send = head.send;
    this.status = head.status;
    this.version = head.version;
    /** As they were received, in order, with Set-Cookie and all that a browser would hide. */
    this.headers = head.headers;
    this.body = body;
    this.done = done;
    this.cancel = cancel;
  }

  get ok() {
    return this.status >= 200 && this.status < 300;
  }

  /** The values of a field, by name without regard to case. @param {string} name */
  values(name) {
    return this.headers.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
  }

  async bytes() {
    return new Uint8Array(await new Response(this.body).arrayBuffer());
  }

  text() {
    return new Response(this.body).text();
  }

  async json() {
    return JSON.parse(await this.text());
  }
}

/**
 * A WebSocket or an event stream that Waylay holds for this page.
 * @typedef {{ id: number, state: "connecting" | "open" | "closing" | "waiting" | "closed" | "failed", protocol: string | null, extensions: string | null, status: number | null, attempt: number, close: { code: number | null, reason: string, by: "client" | "origin" } | null, error: any }} Standing
 * @typedef {{ number: number, sender: "client" | "origin", kind: string, data: string | Uint8Array, length: number, truncated: boolean, event?: string | null, event_id?: string | null, close_code?: number | null, close_reason?: string | null }} Message
 */
export class AgentConversation {
  #call;
  /** @type {Standing} */
  standing;
  /** How it stands when it is over. @type {Promise<Standing>} */
  closed;

  /** @param {Standing} standing @param {Promise<Standing>} closed @param {(path: string, init: RequestInit) => Promise<any>} call */
  constructor(standing, closed, call) {
    this.standing = standing;
    this.closed = closed;
    this.#call = call;
  }

  get protocol() {
    return this.standing.protocol;
  }

  /** Resolves when Waylay has taken the message. @param {string | ArrayBuffer | ArrayBufferView | Blob} data */
  async send(data) {
    const message = typeof data === "string" ? { text: data, variables: false } : { base64: base64(new Uint8Array(await new Response(/** @type {any} */ (data)).arrayBuffer())) };
    await this.#call("/messages", post(message));
  }

  /** @param {number} [code] @param {string} [reason] */
  async close(code, reason) {
    await this.#call("/close", post({ code, reason }));
    return this.closed;
  }
}

/** Waylay on this computer, as this page may use it. */
export class WaylayAgent {
  #base;
  #token;

  /** @param {{ base?: string, token?: string | null }} [how] `token`: what `pair` gave, kept by the page */
  constructor({ base = USUAL, token = null } = {}) {
    this.#base = `${base.replace(/\/$/, "")}/api/v1/agent`;
    this.#token = token;
  }

  get token() {
    return this.#token;
  }

  /**
   * Whether Waylay answers this page, and what to do if it does not.
   * @returns {Promise<{ state: "paired" | "pairing" | "unreachable", words: string, capabilities: any }>}
   */
  async detect() {
    try {
      const capabilities = await this.#json("/capabilities");
      return capabilities.paired
        ? { state: "paired", words: "Waylay is ready.", capabilities }
        : { state: "pairing", words: "Type the code that Waylay shows.", capabilities };
    } catch (error) {
      if (error instanceof AgentError && error.status && ![401, 403].includes(error.status)) return { state: "unreachable", words: error.message, capabilities: null };
      return { state: "unreachable", words: await this.#why(), capabilities: null };
    }
  }

  /**
   * Pairs this page by the code that the user reads to it. Keep the token: it is told this once.
   * @param {string} code
   * @returns {Promise<{ token: string, id: number, origin: string, rights: object }>}
   */
  async pair(code) {
    const paired = await this.#json("/pair", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ code }) });
    this.#token = paired.token;
    return paired;
  }

  /**
   * Sends a request that is written as Waylay keeps them. Resolves when the head of the last answer has come.
   * @param {object} request method, url, headers `[{key, value}]`, body, auth, settings
   * @param {{ files?: Record<string, Blob>, variables?: Record<string, string>, decode?: boolean, signal?: AbortSignal, onprogress?: (progress: { sent: number, received: number }) => void, onhop?: (hop: { method: string, url: string }) => void }} [how] `files`: by the names that the request's body has for them as `src`
   */
  async send(request, { files = {}, variables = {}, decode = true, signal, onprogress, onhop } = {}) {
    const asked = JSON.stringify({ request, variables, decode });
    const parts = Object.entries(files);
    /** @type {RequestInit} */
    const init = { method: "POST", signal: signal ?? null };
    if (parts.length) {
      const form = new FormData();
      form.append("request", asked);
      for (const [name, file] of parts) form.append(name, file);
      init.body = form;
    } else {
      Object.assign(init, { body: asked, headers: { "content-type": "application/json" } });
    }
    const answer = await this.#call("/send", init);
    const told = new Told(answer.body ?? new ReadableStream(), { onprogress, onhop });
    await told.head();
    const cancel = () => this.#call(`/sends/${told.send}/cancel`, { method: "POST" }).then(() => {}, () => told.close());
    return told.response(cancel);
  }

  /**
   * Sends as `fetch` does: the same arguments, without its limits. Redirects are followed, no field is forbidden.
   * @param {string} url
   * @param {{ method?: string, headers?: HeadersInit | [string, string][], body?: any, signal?: AbortSignal, settings?: object, onprogress?: (progress: { sent: number, received: number }) => void }} [init]
   */
  fetch(url, { method, headers = [], body, signal, settings = {}, onprogress } = {}) {
    const pairs = headers instanceof Headers || Array.isArray(headers) ? [...headers] : Object.entries(headers);
    /** @type {Record<string, Blob>} */
    const files = {};
    const request = {
      method: method ?? (body === undefined ? "GET" : "POST"),
      url,
      headers: pairs.map(([key, value]) => ({ key, value })),
      settings,
      body: bodyOf(body, files),
    };
    return this.send(request, { files, onprogress, ...(signal && { signal }) });
  }

  /**
   * Holds a WebSocket (ws://, wss://) or an event stream (http://, https://). Resolves when it is open.
   * @param {string} url
   * @param {{ protocols?: string | string[], request?: object, settings?: object, variables?: Record<string, string>, onmessage?: (message: Message) => void, onstate?: (standing: Standing) => void }} [how] `request`: what `send` takes, headers for instance; `settings`: handshake_timeout_ms, reconnect_attempts, reconnect_interval_ms, max_message_bytes, compression
   */
  async connect(url, { protocols = [], request = {}, settings = {}, variables = {}, onmessage, onstate } = {}) {
    const opening = { kind: /^wss?:/i.test(url) ? "websocket" : "sse", request: { ...request, url }, protocols: [protocols].flat(), settings, variables };
    const begun = await this.#json("/conversations", post(opening));
    const path = `/conversations/${begun.id}`;
    const events = await this.#call(`${path}/events?preview=5242880`);
    const held = new AgentConversation(begun, Promise.resolve(begun), (more, init) => this.#call(path + more, init));
    return new Promise((open, fail) => {
      held.closed = (async () => {
        for await (const { name, data } of eventsOf(events.body ?? new ReadableStream())) {
          if (name === "message") {
            onmessage?.({ ...data, data: data.base64 === undefined || data.kind === "close" ? (data.data ?? data.text ?? "") : bytesOf(data.base64) });
            continue;
          }
          held.standing = name === "gap" ? data.conversation : data;
          onstate?.(held.standing);
          if (held.standing.state === "open") open(held);
        }
        if (!["closed", "failed"].includes(held.standing.state)) throw new AgentError("Waylay broke off.", { code: "broke_off" });
        return held.standing;
      })();
      held.closed.then(({ error }) => fail(failure(error)), fail);
    });
  }

  /** @param {string} path @param {RequestInit} [init] */
  async #call(path, init = {}) {
    const headers = new Headers(init.headers);
    // The code stands for itself; an old token would only be refused.
    if (this.#token && path !== "/pair") headers.set("authorization", `Bearer ${this.#token}`);
    const answer = await fetch(this.#base + path, { ...init, headers, credentials: "omit", cache: "no-store" }).catch(async (error) => {
      if (error?.name === "AbortError") throw error;
      throw new AgentError(await this.#why(), { code: "unreachable" });
    });
    if (answer.ok) return answer;
    const { error = {} } = await answer.json().catch(() => ({}));
    throw new AgentError(error.message ?? `Waylay answered ${answer.status}.`, { ...error, status: answer.status });
  }

  /** @param {string} path @param {RequestInit} [init] */
  async #json(path, init) {
    return (await this.#call(path, init)).json();
  }

  /** Why nothing answers, as far as a page can know, in words a person can act on. */
  async #why() {
    const allowed = await permission();
    const begin = `waylay agent pair ${location.origin}`;
    if (allowed === "denied") {
      return "This browser does not let this page reach programs on this computer. Click the icon to the left of the address, open the site settings, set “Apps on device” (in older versions “Local network access”) to “Allow”, and reload the page.";
    }
    if (!isSecureContext) {
      return "Browsers let only pages that came by https reach programs on this computer. Open this page by its https:// address.";
    }
    const safari = /^((?!chrom|android).)*safari/i.test(navigator.userAgent);
    if (safari && location.protocol === "https:") {
      return "Safari does not let https pages reach programs on this computer over http. Open this page in Chrome, Edge or Firefox.";
    }
    const asks = allowed === "prompt" ? " If the browser asks whether this page may reach other apps on this device, or devices on the local network, answer “Allow”." : "";
    return `Nothing answered this page on this computer. Start Waylay (waylay start), let it pair this page (${begin}), and try again.${asks} A page that is not paired gets no answer at all.`;
  }
}

/** What the browser says about pages and this computer: "granted", "denied", "prompt"; "" where it knows no such permission. */
async function permission() {
  // Chrome has had the first since 145 and the second since 142.
  for (const name of ["loopback-network", "local-network-access"]) {
    try {
      return (await navigator.permissions.query(/** @type {any} */ ({ name }))).state;
    } catch {
      continue;
    }
  }
  return "";
}

/** A call with JSON. @param {object} body @returns {RequestInit} */
function post(body) {
  return { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

/** The events of a stream of Waylay's, whose data is JSON on one line. @param {ReadableStream<Uint8Array>} stream */
async function* eventsOf(stream) {
  const reader = stream.getReader(), decoder = new TextDecoder();
  for (let text = ""; ; ) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (text + decoder.decode(value, { stream: true })).split("\n\n");
    text = parts.pop() ?? "";
    for (const part of parts) {
      const field = (/** @type {string} */ name) => part.split("\n").find((line) => line.startsWith(name))?.slice(name.length);
      const name = field("event: ");
      if (name) yield { name, data: JSON.parse(field("data: ") ?? "null") };
    }
  }
}

/** @param {Uint8Array} bytes */
function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(text);
}

/** @param {string} text */
function bytesOf(text) {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

/** What `fetch` takes as a body, as Waylay keeps it. @param {any} body @param {Record<string, Blob>} files gets those it is made of */
function bodyOf(body, files) {
  if (body === undefined || body === null) return { mode: "none" };
  if (body instanceof URLSearchParams) return { mode: "urlencoded", urlencoded: [...body].map(([key, value]) => ({ key, value })) };
  if (body instanceof FormData) {
    const part = (/** @type {[string, string | File]} */ [key, value], /** @type {number} */ n) => {
      if (typeof value === "string") return { key, value };
      files[`file-${n}`] = value;
      return { key, src: [`file-${n}`], file_name: value.name, content_type: value.type };
    };
    return { mode: "formdata", formdata: [...body].map(part) };
  }
  if (typeof body === "string") return { mode: "raw", raw: body };
  files.body = body instanceof Blob ? body : new Blob([body]);
  return { mode: "file", src: "body" };
}

/** What Waylay tells of a request: lines of JSON, and after a line with `chunk` so many bytes and a line end. */
class Told {
  send = 0;
  #reader;
  #how;
  #waiting = new Uint8Array(0);
  /** @type {any} */
  #head = null;
  /** The event that showed that no other head follows. @type {any} */
  #ahead = null;
  /** @type {(outcome: any) => void} */
  #over = () => {};
  #done = new Promise((resolve) => (this.#over = resolve));

  /** @param {ReadableStream<Uint8Array>} stream @param {{ onprogress: any, onhop: any }} how */
  constructor(stream, how) {
    this.#reader = stream.getReader();
    this.#how = how;
  }

  /** Reads until the head of the last answer is known. */
  async head() {
    for (;;) {
      const event = await this.#event();
      if (event.event === "head") {
        this.#head = event;
        if (!PASSING.includes(event.status)) return;
      } else if (event.event === "done" || event.event === "error" || "chunk" in event) {
        if (this.#head === null || event.event === "error") throw failure(event.error);
        this.#ahead = event;
        return;
      }
    }
  }

  /** @param {() => Promise<void>} cancel */
  response(cancel) {
    const pull = async (/** @type {ReadableStreamDefaultController<Uint8Array>} */ out) => {
      try {
        for (;;) {
          const event = this.#ahead ?? (await this.#event());
          this.#ahead = null;
          if ("chunk" in event) {
            out.enqueue(event.bytes);
            return;
          }
          if (event.event === "done" || event.event === "error") {
            this.#over(event);
            if (event.error) throw failure(event.error);
            out.close();
            return;
          }
        }
      } catch (error) {
        this.#over({ hops: [], warnings: [], error });
        out.error(error);
      }
    };
    const body = new ReadableStream({ pull, cancel: () => this.close() }, { highWaterMark: 0 });
    return new AgentResponse({ ...this.#head, send: this.send }, body, this.#done, cancel);
  }

  /** Reads no more, which cancels the request. */
  close() {
    return this.#reader.cancel().catch(() => {});
  }

  /** @returns {Promise<any>} */
  async #event() {
    const event = JSON.parse(new TextDecoder().decode(await this.#line()));
    if ("chunk" in event) {
      event.bytes = await this.#bytes(event.chunk);
      await this.#bytes(1);
    } else if (event.event === "begun") {
      this.send = event.send;
    } else if (event.event === "hop") {
      this.#how.onhop?.(event);
    } else if (event.event === "progress") {
      this.#how.onprogress?.(event);
    }
    return event;
  }

  async #line() {
    for (let from = 0; ; ) {
      const end = this.#waiting.indexOf(10, from);
      if (end >= 0) {
        const line = await this.#bytes(end);
        await this.#bytes(1);
        return line;
      }
      from = this.#waiting.length;
      await this.#more();
    }
  }

  /** @param {number} n */
  async #bytes(n) {
    while (this.#waiting.length < n) await this.#more();
    const bytes = this.#waiting.slice(0, n);
    this.#waiting = this.#waiting.subarray(n);
    return bytes;
  }

  async #more() {
    const { value, done } = await this.#reader.read();
    if (done) throw new AgentError("Waylay broke off in the middle of an answer.", { code: "broke_off" });
    const joined = new Uint8Array(this.#waiting.length + value.length);
    joined.set(this.#waiting);
    joined.set(value, this.#waiting.length);
    this.#waiting = joined;
  }
}

/** @param {any} error */
function failure(error) {
  return new AgentError(error?.message ?? "The request came to nothing.", { code: error?.reason ?? error?.code, ...error });
}
