"use strict";
// What this page was served for, and what it is tested with: names below waylay.internal exist in the proxy alone. Each
// HTTPS test takes a new one, so that an exception the browser was told to make for another counts for nothing.
const ours = document.querySelector("main").dataset.ca;
const result = document.getElementById("result");
const again = document.getElementById("again");

const RESULTS = {
  works: "HTTPS works: this browser goes through Waylay and trusts its certificate.",
  direct: "This browser does not go through Waylay. Set the proxy (1), then test again.",
  distrusted: "This browser goes through Waylay, but HTTPS does not work yet: it does not trust the certificate (2, 3), or the proxy is set for HTTP alone (1). Some browsers have to be restarted first.",
  other: "This browser goes through another Waylay than the one that served this page, with another certificate. Open http://waylay.internal/ for that one.",
};

/** The fingerprint of the Waylay that answers; nothing if none does. */
async function answering(origin) {
  try {
    const options = { cache: "no-store", credentials: "omit", signal: AbortSignal.timeout(15000) };
    const answer = await (await fetch(`${origin}/test`, options)).json();
    return answer.waylay;
  } catch {
    return undefined;
  }
}

function fresh() {
  const random = crypto.getRandomValues(new Uint32Array(2));
  return `https://test-${Array.from(random, (n) => n.toString(16)).join("")}.waylay.internal`;
}

async function outcome() {
  const overTls = await answering(fresh());
  if (overTls) return overTls === ours ? "works" : "other";
  // A page that came over HTTPS may not ask over HTTP; but it came through the proxy.
  const plain = location.protocol === "https:" ? ours : await answering("http://waylay.internal");
  if (!plain) return "direct";
  return plain === ours ? "distrusted" : "other";
}

async function test() {
  again.disabled = true;
  result.dataset.state = "running";
  result.textContent = "Testing…";
  const found = await outcome();
  result.dataset.state = found === "works" ? "works" : "fails";
  result.textContent = RESULTS[found];
  again.disabled = false;
}

again.hidden = false;
again.addEventListener("click", test);
test();
