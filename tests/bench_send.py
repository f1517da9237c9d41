"""One local GET by `waylay send` and by curl in turns: time and CPU of the whole process, and their ratios."""

import http.server
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROUNDS = 200


class Origin(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "1024")
        self.end_headers()
        self.wfile.write(b"x" * 1024)

    def log_message(self, *_):
        pass


def measured(command):
    before, began = os.times(), time.perf_counter()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    took, after = time.perf_counter() - began, os.times()
    assert len(done.stdout) == 1024
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return took * 1000, cpu * 1000


def main():
    waylay = os.path.abspath(sys.argv[1])
    place = tempfile.mkdtemp(prefix="waylay-bench-send-")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Origin)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/"
    data = ["--data-dir", place]
    daemon = subprocess.Popen(
        [waylay, *data, "start", "--port", "0", "--ui-port", "0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    daemon.stdout.readline()
    commands = {"curl": ["curl", "-s", url], "waylay send": [waylay, *data, "send", url]}
    try:
        for command in commands.values():
            measured(command)
        results = {name: [] for name in commands}
        for _ in range(ROUNDS):
            for name, command in commands.items():
                results[name].append(measured(command))
        middle = {n: [statistics.median(r[i] for r in rows) for i in (0, 1)] for n, rows in results.items()}
        mean_cpu = {n: statistics.mean(r[1] for r in rows) for n, rows in results.items()}
        for name, (took, _) in middle.items():
            print(f"{name}: {took:.1f} ms (median of {ROUNDS}), {mean_cpu[name]:.1f} ms of CPU (mean, its own process)")
        ratio = middle["waylay send"][0] / middle["curl"][0]
        print(f"ratio: {ratio:.2f} of the time, {mean_cpu['waylay send'] / mean_cpu['curl']:.2f} of the CPU")
    finally:
        subprocess.run([waylay, *data, "stop"], stdout=subprocess.DEVNULL)
        daemon.wait()
        server.shutdown()
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main()
