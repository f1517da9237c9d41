// The client that web pages use: what it makes of an agent's answers, however they come, and what it says when nobody answers.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { AgentError, WaylayAgent } from "../../ui-static/agent/agent-client.js";

/** What was asked, and what is answered. */
let asked = [], answer = () => new Response();
const agent = () => new WaylayAgent({ base: "http://127.0.0.1:5560/", token: "t0ken" });
const line = (event) => `${JSON.stringify(event)}\n`;
const chunk = (text) => `{"chunk":${Buffer.byteLength(text)}}\n${text}\n`;
const head = (status, headers = []) => line({ event: "head", status, version: "HTTP/1.1", headers });
const done = (more = {}) => line({ event: "done", send: 7, hops: [{}], error: null, warnings: [], ...more });

/** An answer that comes in pieces of so many bytes. */
function told(text, step = 3) {
  const bytes = new TextEncoder().encode(text);
  return () => {
    let at = 0;
    const pull = (out) => (at < bytes.length ? out.enqueue(bytes.slice(at, (at += step))) : out.close());
    return new Response(new ReadableStream({ pull }), { headers: { "content-type": "application/x-ndjson" } });
  };
}

beforeEach(() => {
  asked = [];
  globalThis.fetch = async (url, init) => {
    asked.push({ url, ...init });
    return answer();
  };
});

test("an answer is the same in whatever pieces it comes", async () => {
  const whole = line({ event: "begun", send: 7 }) + line({ event: "hop", method: "GET", url: "http://a/" }) + head(302) + head(200, [["Set-Cookie", "a=1"], ["set-cookie", "b=2"]]) + chunk("on\ne ") + line({ event: "progress", sent: 1, received: 2 }) + chunk("tŵo") + done();
  for (const step of [1, 2, 5, 1000]) {
    answer = told(whole, step);
    const hops = [], progress = [];
    const response = await agent().send({ url: "http://a/" }, { onhop: (hop) => hops.push(hop.url), onprogress: (p) => progress.push(p.received) });
    assert.deepEqual([response.status, response.ok, response.send, response.values("SET-COOKIE")], [200, true, 7, ["a=1", "b=2"]]);
    assert.equal(await response.text(), "on\ne tŵo");
    assert.deepEqual([hops, progress], [["http://a/"], [2]]);
    assert.equal((await response.done).hops.length, 1);
  }
});

test("a redirect that is not followed, and an answer without a body, are answers", async () => {
  for (const [status, body] of [[302, ""], [401, "who?"], [204, ""], [304, ""]]) {
    answer = told(head(status) + (body && chunk(body)) + done());
    const response = await agent().fetch("http://a/");
    assert.deepEqual([response.status, await response.text()], [status, body]);
  }
});

test("what fails says why, at its head or later", async () => {
  const error = { stage: "connect", reason: "refused", message: "Nothing listens there.", hint: "start it" };
  answer = told(line({ event: "begun", send: 1 }) + done({ error }));
  await assert.rejects(agent().fetch("http://a/"), (e) => e instanceof AgentError && e.message === error.message && e.hint === "start it" && e.stage === "connect");
  answer = told(head(200) + chunk("some") + done({ error }));
  const response = await agent().fetch("http://a/");
  await assert.rejects(response.text(), { message: error.message });
  answer = told(head(200) + `{"chunk":10}\nfew`);
  await assert.rejects((await agent().fetch("http://a/")).text(), { code: "broke_off" });
  answer = () => Response.json({ error: { code: "bad_request", message: "there is no url", hint: "give one" } }, { status: 400 });
  await assert.rejects(agent().fetch("http://a/"), { status: 400, code: "bad_request", hint: "give one" });
});

test("requests are written as they are kept, and files come beside them", async () => {
  for (const [body, mode] of [[undefined, "none"], ["text", "raw"], [new URLSearchParams({ a: "1" }), "urlencoded"], [new Blob(["x"]), "file"], [new Uint8Array(3), "file"]]) {
    answer = told(head(200) + done());
    await agent().fetch("http://a/", { headers: { "X-A": "1" }, body });
    const { url, body: sent, headers, credentials } = asked.at(-1);
    assert.deepEqual([url, headers.get("authorization"), credentials], ["http://127.0.0.1:5560/api/v1/agent/send", "Bearer t0ken", "omit"]);
    const { request } = JSON.parse(mode === "file" ? sent.get("request") : sent);
    assert.deepEqual([request.method, request.body.mode, request.headers], [body === undefined ? "GET" : "POST", mode, [{ key: "X-A", value: "1" }]]);
    assert.equal(mode === "file" && sent.get("body") instanceof Blob, mode === "file");
  }
  const form = new FormData();
  form.append("a", "1");
  form.append("f", new File(["content"], "n.bin", { type: "x/y" }));
  await agent().fetch("http://a/", { body: form });
  const { body } = asked.at(-1);
  assert.deepEqual(JSON.parse(body.get("request")).request.body.formdata, [{ key: "a", value: "1" }, { key: "f", src: ["file-1"], file_name: "n.bin", content_type: "x/y" }]);
  assert.equal(await body.get("file-1").text(), "content");
});

test("pairing shows no old token, and keeps the new one", async () => {
  answer = () => Response.json({ token: "new", id: 1, origin: "https://a", rights: {} }, { status: 201 });
  const paired = agent();
  await paired.pair("482 057");
  assert.deepEqual([asked[0].headers.has("authorization"), paired.token], [false, "new"]);
});

test("when nobody answers, it says what a person can do", async () => {
  const set = (name, value) => Object.defineProperty(globalThis, name, { value, configurable: true });
  globalThis.fetch = async () => {
    throw new TypeError("Failed to fetch");
  };
  set("location", { origin: "https://client.example", protocol: "https:" });
  const chrome = "Mozilla/5.0 Chrome/147.0 Safari/537.36", safari = "Mozilla/5.0 Version/18.0 Safari/605.1.15";
  for (const [state, secure, userAgent, words] of [
    ["denied", true, chrome, /Apps on device.*Allow.*reload/s],
    ["prompt", true, chrome, /waylay agent pair https:\/\/client\.example.*answer “Allow”/s],
    ["granted", true, chrome, /waylay start/],
    ["", false, chrome, /https:\/\//],
    ["", true, safari, /Safari does not/],
    ["", true, "Firefox/150", /waylay agent pair/],
  ]) {
    set("isSecureContext", secure);
    const query = async ({ name }) => {
      if (!state || name !== "local-network-access") throw new TypeError("no such permission");
      return { state };
    };
    set("navigator", { userAgent, permissions: { query } });
    const found = await agent().detect();
    assert.equal(found.state, "unreachable");
    assert.match(found.words, words);
  }
});

test("a conversation resolves when it is open, tells messages as they are, and ends as it ended", async () => {
  const event = (name, data) => `id: 1\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
  const standing = (state, more = {}) => ({ id: 3, state, protocol: null, close: null, error: null, ...more });
  const message = (more) => event("message", { number: 1, sender: "origin", length: 1, truncated: false, ...more });
  const story = event("state", standing("connecting")) + ":\n\n" + event("state", standing("open", { protocol: "chat" })) + message({ kind: "text", text: "tŵo\n\nlines" }) + message({ kind: "binary", base64: "AP8=" }) + message({ kind: "event", text: "data: x", data: "x", event: "add" }) + event("gap", { missed: 2, conversation: standing("closing") }) + event("state", standing("closed", { close: { code: 1000, reason: "", by: "origin" } }));
  for (const step of [1, 7, 10000]) {
    const calls = [() => Response.json(standing("connecting"), { status: 201 }), told(story, step)];
    answer = () => (calls.shift() ?? (() => new Response(null, { status: 204 })))();
    const heard = [], states = [];
    const held = await agent().connect("wss://a/", { protocols: "chat", onmessage: (m) => heard.push(m.data), onstate: (s) => states.push(s.state) });
    const end = await held.closed;
    assert.deepEqual(heard, ["tŵo\n\nlines", new Uint8Array([0, 255]), "x"]);
    assert.deepEqual(states, ["connecting", "open", "closing", "closed"]);
    assert.deepEqual([end.close.code, held.standing.state], [1000, "closed"]);
    await held.send("{{as}} it is");
    await held.send(new Uint8Array(70000).fill(1));
    const sent = asked.slice(-2).map(({ url, body }) => ({ url, ...JSON.parse(body) }));
    assert.deepEqual([sent[0].url, sent[0].text, sent[0].variables], ["http://127.0.0.1:5560/api/v1/agent/conversations/3/messages", "{{as}} it is", false]);
    assert.equal(Buffer.from(sent[1].base64, "base64").length, 70000);
  }
  const opened = JSON.parse(asked[0].body);
  assert.deepEqual([opened.kind, opened.protocols, opened.request.url], ["websocket", ["chat"], "wss://a/"]);
});

test("a conversation that never opens says why", async () => {
  const failed = { id: 3, state: "failed", error: { message: "Nothing listens there.", reason: "refused", hint: "start it" } };
  const calls = [() => Response.json({ id: 3, state: "connecting" }, { status: 201 }), told(`event: state\ndata: ${JSON.stringify(failed)}\n\n`)];
  answer = () => calls.shift()();
  await assert.rejects(agent().connect("https://a/"), (e) => e instanceof AgentError && e.message === "Nothing listens there." && e.hint === "start it");
});
