#!/usr/bin/env node
// How fast the table of the UI is over many rows: imports a HAR of that many exchanges into a daemon of its own, loads all of them in headless
// Chromium, then scrolls, sorts and filters. Prints numbers, one line each; judges nothing. Takes half a minute.
//
//   node tests/ui/measure.mjs [ROWS] [PROGRAM]       100000 rows and target/debug/waylay unless told otherwise

import { spawn } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";

/** How often each filter is used; the median counts. */
const ROUNDS = 9;
const ROWS = Number(process.argv[2] ?? 100_000), PROGRAM = process.argv[3] ?? "target/debug/waylay";
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** A HAR of many exchanges, piece by piece. */
function* har() {
  const pick = (list, n) => list[n % list.length], types = ["application/json", "text/html", "image/png", "text/javascript", "text/css"];
  yield `{"log":{"version":"1.2","creator":{"name":"measure","version":"1"},"entries":[`;
  for (let n = 0; n < ROWS; n++) {
    const status = pick([200, 200, 200, 304, 404, 200, 503], n * 3), type = pick(types, n * 3), text = "x".repeat((n * 37) % 200);
    const entry = {
      startedDateTime: new Date(1.76e12 + n * 25).toISOString(), time: 20 + ((n * 13) % 400),
      request: { method: pick(["GET", "GET", "POST", "PUT"], n), url: `https://host-${n % 97}.test/v2/part-${n % 1013}/item-${n}?page=${n % 11}`, httpVersion: "HTTP/1.1", headers: [{ name: "accept", value: "*/*" }], cookies: [], queryString: [], headersSize: -1, bodySize: 0 },
      response: { status, statusText: "", httpVersion: "HTTP/1.1", headers: [{ name: "content-type", value: type }], cookies: [], content: { size: text.length, mimeType: type, text }, redirectURL: "", headersSize: -1, bodySize: text.length },
      cache: {}, timings: { dns: 1, connect: 2, ssl: 1, send: 1, wait: 10 + ((n * 13) % 400), receive: 5 },
    };
    yield `${n ? "," : ""}${JSON.stringify(entry)}`;
  }
  yield "]}}";
}

async function startDaemon(folder) {
  const child = spawn(PROGRAM, ["--data-dir", folder, "start", "--port", "0", "--ui-port", "0"], { env: { PATH: process.env.PATH, HOME: folder, WAYLAY_CAPTURE_MIN_FREE: "0" }, stdio: ["ignore", "pipe", "ignore"] });
  await new Promise((done, fail) => {
    child.stdout.on("data", (text) => /listening/i.test(String(text)) && done());
    child.on("exit", () => fail(new Error("the daemon ended")));
  });
  const facts = JSON.parse(fs.readFileSync(path.join(folder, "daemon.json"), "utf8")), token = fs.readFileSync(path.join(folder, "token"), "utf8").trim();
  return { child, ui: [facts.ui.addresses ?? facts.ui].flat().find((one) => one.startsWith("127.")), token };
}

function ask({ ui, token }, method, target, body) {
  const [host, port] = ui.split(":");
  return new Promise((done, fail) => {
    const request = http.request({ host, port, method, path: `/api/v1${target}`, headers: { authorization: `Bearer ${token}`, "content-type": body ? "application/octet-stream" : "application/json" } }, (answer) => {
      let text = "";
      answer.on("data", (piece) => (text += piece));
      answer.on("end", () => (answer.statusCode < 300 ? done(JSON.parse(text)) : fail(new Error(`${answer.statusCode} ${text}`))));
    });
    request.on("error", fail);
    if (!body) return request.end("{}");
    const next = () => {
      for (let piece = body.next(); !piece.done; piece = body.next()) if (!request.write(piece.value)) return request.once("drain", next);
      request.end();
    };
    next();
  });
}

async function startBrowser(profile) {
  const port = 20_000 + Math.floor(Math.random() * 30_000), driver = spawn("chromedriver", [`--port=${port}`], { stdio: "ignore" });
  const call = async (method, target, body) => {
    const answer = await fetch(`http://127.0.0.1:${port}${target}`, { method, body: body && JSON.stringify(body) }), { value } = await answer.json();
    if (!answer.ok) throw new Error(JSON.stringify(value));
    return value;
  };
  for (let n = 0; n < 600; n++) if (await call("GET", "/status").then(() => true, () => sleep(100))) break;
  const args = ["--headless=new", "--no-first-run", "--disable-dev-shm-usage", "--window-size=1440,900", `--user-data-dir=${profile}`, ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])];
  const { sessionId } = await call("POST", "/session", { capabilities: { alwaysMatch: { timeouts: { script: 600_000 }, "goog:chromeOptions": { args } } } }), at = `/session/${sessionId}`;
  return {
    goto: (url) => call("POST", `${at}/url`, { url }),
    /** The body of an async function. */
    run: (script) => call("POST", `${at}/execute/async`, { script: `const done = arguments[0]; (async () => { ${script} })().then(done, (error) => done(String(error)))`, args: [] }),
    cdp: (cmd, params = {}) => call("POST", `${at}/goog/cdp/execute`, { cmd, params }),
    async close() {
      await call("DELETE", at).catch(() => {});
      driver.kill();
    },
  };
}

/** Runs in the page before its own scripts: how long the callbacks of each frame take. */
const CLOCK = `
  window.frames_ = []; let at = 0, spent = 0;
  const ask = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (act) => ask((now) => { const begun = performance.now(); act(now); const took = performance.now() - begun; if (now === at) spent += took; else { if (at) frames_.push(spent); at = now; spent = took; } });
`;
const FRAME = "const frame = () => new Promise((done) => setTimeout(() => requestAnimationFrame(() => setTimeout(done))));";

async function main() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "waylay-measure-"));
  const daemon = await startDaemon(path.join(folder, "data"));
  /** @type {Awaited<ReturnType<typeof startBrowser>> | undefined} */
  let browser;
  try {
    browser = await startBrowser(path.join(folder, "profile"));
    let begun = Date.now();
    const imported = await ask(daemon, "POST", "/import?name=measure", har());
    console.log(`imported ${imported.exchanges} exchanges in ${Date.now() - begun} ms`);
    const link = new URL((await ask(daemon, "POST", "/login-links")).url);
    await browser.cdp("Page.addScriptToEvaluateOnNewDocument", { source: CLOCK });
    await browser.cdp("Performance.enable");
    await browser.goto(link.href);
    await browser.run("while (location.hash) await new Promise((done) => setTimeout(done, 20));");
    await browser.goto(`http://${link.host}/session/${imported.session.id}`);
    begun = Date.now();
    const loaded = await browser.run(`${FRAME} const grid = () => document.querySelector(".grid"), shown = () => document.querySelector(".listwrap .foot").innerText;
      for (let n = 0; n < 20000; n++) { await frame(); if (!grid()) continue; if (/^[\\d,]+ shown/.test(shown()) && document.querySelector(".rows .row")) return shown(); grid().scrollTop = 0; }
      return shown();`);
    console.log(`loaded by scrolling up in ${Date.now() - begun} ms: ${loaded.replaceAll("\n", ", ")}`);

    const script = async () => (await browser.cdp("Performance.getMetrics")).metrics.find(({ name }) => name === "ScriptDuration").value * 1000;
    for (const [what, step] of [["a row a frame", 24], ["three screens a frame", 2400], ["anywhere", 0]]) {
      const before = await script();
      const frames = await browser.run(`${FRAME} const grid = document.querySelector(".grid"); grid.scrollTop = ${step} ? 0 : 1e6; await frame(); await frame(); frames_.length = 0;
        for (let n = 1; n <= 300; n++) { grid.scrollTop = ${step} ? n * ${step} : (n * 7919 * 24 * 31) % grid.scrollHeight; await new Promise((done) => requestAnimationFrame(done)); }
        await frame(); return frames_.slice();`);
      frames.sort((a, b) => a - b);
      const of = (share) => frames[Math.min(frames.length - 1, Math.floor(frames.length * share))].toFixed(2);
      console.log(`scroll ${what}: ${frames.length} frames, callbacks p50 ${of(0.5)} p95 ${of(0.95)} max ${of(1)} ms; all script ${((await script()) - before) / 300 > 0 ? (((await script()) - before) / 300).toFixed(2) : "?"} ms a frame`);
    }
    await browser.cdp("HeapProfiler.collectGarbage");
    const heap = await browser.cdp("Runtime.getHeapUsage"), mb = (bytes) => (bytes / 2 ** 20).toFixed(1);
    console.log(`heap with all rows: ${mb(heap.usedSize)} MB of objects, ${mb(heap.backingStorageSize ?? 0)} MB of arrays`);

    const drawn = `${FRAME} const until = async (test) => { for (const end = performance.now() + 10_000; !test(); await new Promise((done) => setTimeout(done))) if (performance.now() > end) throw new Error("nothing happened for 10 s"); };`;
    for (const column of ["c-path", "c-host", "c-size", "c-dur", "c-st", "c-method"]) {
      const times = await browser.run(`${drawn} const head = document.querySelector(".hdr .${column}"), times = [];
        for (let n = 0; n < 2; n++) {
          const begun = performance.now(), wanted = ["ascending", "descending"][n];
          head.querySelector("button").click(); await until(() => head.ariaSort === wanted); await new Promise((done) => requestAnimationFrame(done)); times.push(performance.now() - begun); await frame();
        }
        return times;`);
      if (typeof times === "string") throw new Error(times);
      console.log(`sort by ${column}: ${times[0].toFixed(1)} ms, turned round ${times[1].toFixed(1)} ms, to the drawn frame`);
    }
    await browser.run(`${drawn} document.querySelector(".hdr .c-time button").click(); await frame();`);
    // Each matches another number of rows, by which its result is told from the one before.
    const filters = ["status:404", "host:host-13.test", "item-777", "method:POST status:503", "nothing-like-it", ""], taken = filters.map(() => /** @type {number[][]} */ ([])), counts = filters.map(() => "");
    for (let round = 0; round < ROUNDS; round++)
      for (const [at, filter] of filters.entries()) {
        const before = await script();
        const found = await browser.run(`${drawn} const field = document.querySelector("#filter"), shown = document.querySelector("#filter-count"), line = document.querySelector(".listwrap .foot span"), old = line.textContent;
          performance.clearResourceTimings(); field.focus(); field.value = ${JSON.stringify(filter)}; const begun = performance.now();
          field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
          await until(() => line.textContent !== old); const there = performance.now(); await new Promise((done) => requestAnimationFrame(done));
          const took = performance.now() - begun; await frame();
          const answer = performance.getEntriesByType("resource").find(({ name }) => name.includes("/exchanges?"));
          return [shown.textContent, took, answer.requestStart - begun, answer.responseEnd - answer.requestStart, there - answer.responseEnd];`);
        if (typeof found === "string") throw new Error(found);
        counts[at] = found.shift();
        taken[at].push([...found, (await script()) - before]);
      }
    for (const [at, filter] of filters.entries()) {
      const of = (/** @type {number} */ which) => taken[at].map((one) => one[which]).sort((a, b) => a - b), median = (/** @type {number} */ which) => of(which)[ROUNDS >> 1].toFixed(1);
      console.log(`filter ${filter || "none"}: ${median(0)} ms to the drawn frame (${of(0)[0].toFixed(1)} to ${of(0)[ROUNDS - 1].toFixed(1)}; asked after ${median(1)}, answered in ${median(2)}, taken in ${median(3)}); ${median(4)} ms of script; ${counts[at]}`);
    }
  } finally {
    await browser?.close();
    daemon.child.kill("SIGTERM");
    await new Promise((done) => daemon.child.once("exit", done));
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

await main();
