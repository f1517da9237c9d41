"""What a preview of a collection costs: a session of 100,000 exchanges, by `waylay collection save --dry-run`.

Started by `tests/bench gather`. The session is made by importing a HAR file that is written here: an API of some thirty
endpoints with ids of several kinds, GraphQL and JSON-RPC among it, on three hosts. Times are of whole processes, the
median of three; the goal is 5 s."""

import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

COUNT = 100_000
GOAL = 5.0


def exchange(chance: random.Random, n: int) -> tuple[str, str, str | None]:
    """Method, URL and body of one."""
    host = chance.choice(["api.shop.test", "auth.shop.test:8443", "rpc.shop.test"])
    number, word = chance.randrange(10_000), chance.choice("abcdefghijklmnopqrstuvwxyz")
    if host.startswith("rpc"):
        call = chance.choice(["getBlock", "getBalance", "sendRaw", "estimate"])
        return "POST", f"https://{host}/rpc", json.dumps({"jsonrpc": "2.0", "id": n, "method": call, "params": [number]})
    if n % 7 == 0:
        name = chance.choice(["Users", "Orders", "Cart", "Search"])
        return "POST", f"https://{host}/graphql", json.dumps({"query": f"query {name} {{ {name.lower()} {{ id }} }}"})
    path = chance.choice([
        "/v1/users", f"/v1/users/{number}", f"/v1/users/{number}/orders", f"/v1/users/{number}/orders/{uuid.UUID(int=chance.getrandbits(128))}",
        f"/v1/products/{word}{number}", f"/v1/products?page={number}", "/v1/users/me", f"/v1/days/2026-{1 + number % 12:02}-{1 + number % 28:02}",
        f"/v1/tags/{word}", f"/v1/files/{chance.getrandbits(128):032x}", f"/v1/search?q={word}",
    ])
    method = chance.choice(["GET", "GET", "GET", "POST", "DELETE"])
    return method, f"https://{host}{path}", json.dumps({"name": word, "n": number}) if method == "POST" else None


def entry(chance: random.Random, n: int) -> dict:
    method, url, body = exchange(chance, n)
    answer = json.dumps({"id": n, "name": "x" * 200, "list": [n] * 20})
    request = {"method": method, "url": url, "httpVersion": "HTTP/1.1", "cookies": [], "queryString": [], "headersSize": -1, "bodySize": len(body or ""),
               "headers": [{"name": "Host", "value": url.split("/")[2]}, {"name": "Authorization", "value": f"Bearer t{n % 5}"}]}
    if body is not None:
        request["headers"].append({"name": "Content-Type", "value": "application/json"})
        request["postData"] = {"mimeType": "application/json", "text": body}
    response = {"status": 200, "statusText": "OK", "httpVersion": "HTTP/1.1", "cookies": [], "redirectURL": "", "headersSize": -1, "bodySize": len(answer),
                "headers": [{"name": "Content-Type", "value": "application/json"}],
                "content": {"size": len(answer), "mimeType": "application/json", "text": answer}}
    return {"startedDateTime": f"2026-01-01T{n // 3600 % 24:02}:{n // 60 % 60:02}:{n % 60:02}Z", "time": 5, "request": request, "response": response,
            "cache": {}, "timings": {"send": 1, "wait": 3, "receive": 1}}


def main() -> None:
    waylay, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else COUNT
    with tempfile.TemporaryDirectory(dir="target") as place:
        file, data = Path(place, "session.har"), f"--data-dir={Path(place).absolute()}/data"
        chance = random.Random(7)
        with file.open("w") as out:
            out.write('{"log":{"version":"1.2","creator":{"name":"bench","version":"1"},"entries":[')
            for n in range(count):
                out.write(("," if n else "") + json.dumps(entry(chance, n)))
            out.write("]}}")
        subprocess.run([waylay, data, "import", str(file)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        command = [waylay, data, "collection", "save", "--session", "1", "--dry-run", "--merge", "--folders", "domain-endpoint", "--base-url",
                   "--auth", "variable", "--json"]
        times = []
        for _ in range(3):
            began = time.monotonic()
            done = subprocess.run(command, check=True, capture_output=True)
            times.append(time.monotonic() - began)
        made = json.loads(done.stdout)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        took = statistics.median(times)
        print(f"preview of {count} exchanges: {took:.2f} s (goal {GOAL:.0f} s), at most {peak / 1024:.0f} MiB; "
              f"{made['requests']} requests in {made['folders']} folders, {len(made['templates'])} templates")
        sys.exit(took > GOAL)


main()
