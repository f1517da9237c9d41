// The example: finds Waylay, is paired, sends, and shows what comes.
import { WaylayAgent } from "./agent-client.js";

/** @template {HTMLElement} T @param {string} id @returns {T} */
const at = (id) => /** @type {T} */ (document.getElementById(id));
const [state, progress, answer] = ["state", "progress", "answer"].map((id) => at(id));
const [pairing, request] = /** @type {HTMLFormElement[]} */ (["pairing", "request"].map((id) => at(id)));
const [again, cancel] = /** @type {HTMLButtonElement[]} */ (["again", "cancel"].map((id) => at(id)));
/** So much of an answer is shown, characters. */
const SHOWN = 100_000;

// Served by Waylay itself, it is at the same place; elsewhere, at the usual one.
const agent = new WaylayAgent({ base: location.origin, token: localStorage.getItem("waylay-agent") });
at("command").textContent = `waylay agent pair ${location.origin}`;

async function look() {
  const found = await agent.detect();
  state.textContent = found.words;
  pairing.hidden = found.state !== "pairing";
  again.hidden = found.state === "paired";
  request.hidden = found.state !== "paired";
}

again.addEventListener("click", () => void look());

pairing.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const { token } = await agent.pair(String(new FormData(pairing).get("code")));
    localStorage.setItem("waylay-agent", token);
    await look();
  } catch (error) {
    state.textContent = words(error);
  }
});

request.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(request), file = form.get("file"), text = form.get("text");
  const body = file instanceof File && file.size ? file : text || undefined;
  const stop = new AbortController();
  cancel.disabled = false;
  cancel.onclick = () => stop.abort();
  answer.textContent = progress.textContent = "";
  try {
    const response = await agent.fetch(String(form.get("url")), {
      method: String(form.get("method")),
      body,
      signal: stop.signal,
      onprogress: ({ sent, received }) => (progress.textContent = `${sent} bytes sent, ${received} received`),
    });
    const head = response.headers.map(([name, value]) => `${name}: ${value}`).join("\n");
    answer.textContent = `${response.version} ${response.status}\n${head}\n\n`;
    const decoder = new TextDecoder();
    for (const reader = response.body.getReader(); ; ) {
      const { value, done } = await reader.read();
      if (done) break;
      if ((answer.textContent ?? "").length < SHOWN) answer.append(decoder.decode(value, { stream: true }));
    }
    progress.textContent = "Done.";
  } catch (error) {
    progress.textContent = words(error);
  }
  cancel.disabled = true;
});

/** @param {any} error */
const words = (error) => (error?.name === "AbortError" ? "Cancelled." : [error?.message ?? error, error?.hint].filter(Boolean).join(" "));

void look();
