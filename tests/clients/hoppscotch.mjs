// A client of the Hoppscotch Agent's protocol with Node's own crypto. Reads commands as lines of JSON, each with a number `n`,
// and answers each with a line that has the same number: whichever is done first comes first.
//
//   node hoppscotch.mjs PORT ORIGIN
//
// { do: "ask", method, path, headers?, body? }      any request          -> { status, headers, text }
// { do: "verify", code, upper? }                    pairs                -> the same, and keeps key and token
// { do: "sealed", path }                            an encrypted GET     -> { status, nonce, value }
// { do: "execute", request, fill?, spoil?, aborted? }                    -> { status, nonce, value | text, body }
// { do: "abort", of }                               drops the connection of command number `of`
//
// `fill: n` makes the content n bytes; `spoil` is "tag", "key", "token", "nonce" or "none". Bodies come back as base64 up to 64 KiB,
// and in any case as length and SHA-256.

import crypto from "node:crypto";
import http from "node:http";
import readline from "node:readline";

const [port, origin] = process.argv.slice(2);
const running = new Map();
let token = "";
let key = Buffer.alloc(32);

function send(method, path, headers, body, n) {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, method, path, headers: { host: `localhost:${port}`, origin, ...headers } };
    for (const name of Object.keys(options.headers)) if (options.headers[name] === null) delete options.headers[name];
    const request = http.request(options, (response) => {
      const pieces = [];
      response.on("data", (piece) => pieces.push(piece));
      response.on("error", reject);
      response.on("end", () => {
        running.delete(n);
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(pieces) });
      });
    });
    running.set(n, request);
    request.on("error", reject);
    request.end(body);
  });
}

function seal(plain, withKey, nonce) {
  const cipher = crypto.createCipheriv("aes-256-gcm", withKey, nonce);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function open(headers, body) {
  const nonce = headers["x-hopp-nonce"];
  if (!/^[0-9a-f]{24}$/.test(nonce)) throw new Error(`a nonce like ${nonce}`);
  const decipher = crypto.createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "hex"));
  decipher.setAuthTag(body.subarray(body.length - 16));
  return JSON.parse(Buffer.concat([decipher.update(body.subarray(0, body.length - 16)), decipher.final()]).toString());
}

const told = ({ status, headers, body }) => ({ status, headers, text: body.toString() });

async function verify({ code, upper, n }) {
  const { privateKey, publicKey } = crypto.generateKeyPairSync("x25519");
  let ours = publicKey.export({ format: "der", type: "spki" }).subarray(-32).toString("hex");
  if (upper) ours = ours.toUpperCase();
  const body = JSON.stringify({ registration: code, client_public_key_b16: ours });
  const answer = told(await send("POST", "/verify-registration", { "content-type": "application/json" }, body, n));
  if (answer.status === 200) {
    const found = JSON.parse(answer.text);
    const theirs = Buffer.from(found.agent_public_key_b16.toUpperCase(), "hex");
    const der = Buffer.concat([Buffer.from("302a300506032b656e032100", "hex"), theirs]);
    const peer = crypto.createPublicKey({ key: der, format: "der", type: "spki" });
    key = crypto.diffieHellman({ privateKey, publicKey: peer });
    token = found.auth_key;
  }
  return answer;
}

async function execute({ request, fill, spoil, n }) {
  if (fill) request.content.content = Array.from({ length: fill }, (_, i) => i % 256);
  const nonce = crypto.randomBytes(12);
  const sealed = seal(JSON.stringify(request), spoil === "key" ? crypto.randomBytes(32) : key, nonce);
  if (spoil === "tag") sealed[sealed.length - 1] ^= 1;
  const headers = {
    "content-type": "application/octet-stream",
    authorization: `Bearer ${spoil === "token" ? crypto.randomUUID() : token}`,
    "x-hopp-nonce": spoil === "nonce" ? "zz" : nonce.toString("hex"),
  };
  const { status, headers: got, body } = await send("POST", "/execute", headers, sealed, n);
  if (status !== 200) return told({ status, headers: got, body });
  const value = open(got, body);
  const bytes = value.body.body;
  if (!Array.isArray(bytes)) throw new Error("the body is no list");
  const whole = Buffer.from(bytes);
  delete value.body.body;
  const sha256 = crypto.createHash("sha256").update(whole).digest("hex");
  const base64 = whole.length <= 65536 ? whole.toString("base64") : null;
  return { status, headers: got, nonce: got["x-hopp-nonce"], value, body: { length: whole.length, sha256, base64 } };
}

const commands = {
  ask: async ({ method, path, headers, body, n }) => told(await send(method, path, { ...bearer(headers), ...headers }, body, n)),
  verify,
  sealed: async ({ path, n }) => {
    const { status, headers, body } = await send("GET", path, bearer(), undefined, n);
    if (status !== 200) return told({ status, headers, body });
    return { status, headers, nonce: headers["x-hopp-nonce"], value: open(headers, body) };
  },
  log: async ({ entry, n }) => {
    const nonce = crypto.randomBytes(12);
    const headers = { ...bearer(), "x-hopp-nonce": nonce.toString("hex") };
    return told(await send("POST", "/log-sink", headers, seal(JSON.stringify(entry), key, nonce), n));
  },
  execute,
  abort: async ({ of }) => ({ aborted: !!running.get(of)?.destroy() }),
};

function bearer(headers) {
  return token && !(headers && "authorization" in headers) ? { authorization: `Bearer ${token}` } : {};
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  commands[command.do](command).then(
    (answer) => console.log(JSON.stringify({ n: command.n, ...answer })),
    (error) => console.log(JSON.stringify({ n: command.n, broken: String(error) })),
  );
}
