"""A thousand captured requests sent again by `waylay replay --concurrency 32`, and by curl --parallel, in turns: rates and their ratios."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

REQUESTS = 1000
AT_ONCE = 32
ROUNDS = 7
ORIGIN = """
const body = Buffer.alloc(1024, '{"item": "' + 'x'.repeat(100) + '"} ');
const server = require('http').createServer((_, answer) => {
  answer.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  answer.end(body);
});
server.keepAliveTimeout = 60000;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
"""


def main():
    waylay = os.path.abspath(sys.argv[1])
    place = tempfile.mkdtemp(prefix="waylay-bench-replay-")
    started = []
    try:
        origin = subprocess.Popen(["node", "-e", ORIGIN], stdout=subprocess.PIPE, text=True)
        started.append(origin)
        port = int(origin.stdout.readline())
        data = ["--data-dir", place]
        ports = ["--port", "0", "--ui-port", "0"]
        daemon = subprocess.Popen([waylay, *data, "start", *ports], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        started.append(daemon)
        daemon.stdout.readline()
        status = json.loads(subprocess.check_output([waylay, *data, "status", "--json"]))
        proxy = status["proxy"]["addresses"][0]
        urls = os.path.join(place, "urls")
        with open(urls, "w") as file:
            for n in range(REQUESTS):
                file.write(f'url = "http://127.0.0.1:{port}/items/{n}"\noutput = "/dev/null"\n')
        parallel = ["curl", "-s", "--no-progress-meter", "--parallel", "--parallel-max", str(AT_ONCE), "-K", urls]
        subprocess.run([*parallel, "-x", f"http://{proxy}"], check=True)
        session = wait_for(waylay, data)
        replay = [waylay, *data, "replay", session, "--concurrency", str(AT_ONCE), "--json"]
        subjects = {"curl --parallel": parallel, "replay, compared": replay, "replay, not compared": [*replay, "--no-diff"]}
        rates = {name: [] for name in subjects}
        for _ in range(ROUNDS):
            for name, command in subjects.items():
                began = time.perf_counter()
                done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
                took = time.perf_counter() - began
                if name != "curl --parallel":
                    told = json.loads(done.stdout)["replay"]
                    assert told["same"] + told["sent"] == REQUESTS, told
                    took = (told["ended_us"] - told["started_us"]) / 1e6
                rates[name].append(REQUESTS / took)
        usual = statistics.median(rates["curl --parallel"])
        for name, found in rates.items():
            rate = statistics.median(found)
            spread = f"{min(found):.0f} to {max(found):.0f}"
            print(f"{name:22} {rate:7.0f} requests/s, {rate / usual:5.2f} of curl's ({spread})")
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()
        shutil.rmtree(place, ignore_errors=True)


def wait_for(waylay, data):
    """The session with all of them, once they are stored."""
    for _ in range(200):
        listed = json.loads(subprocess.check_output([waylay, *data, "session", "list", "--json"]))
        for session in listed if isinstance(listed, list) else listed["items"]:
            if session["source"] == "proxy" and session["exchanges"] == REQUESTS:
                return str(session["id"])
        time.sleep(0.1)
    raise SystemExit("not all requests were stored")


main()
