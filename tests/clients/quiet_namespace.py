"""Runs Waylay in a network namespace of its own and counts all that leaves anything in it.

Called inside a fresh namespace: quiet_namespace.py WAYLAY DATA_FOLDER ROOT_PEM. Every destination there is routed to the
loopback device, so that an attempt to reach any address of the world is counted by the kernel instead of failing for
want of a route. Prints one JSON document.
"""

import ctypes
import fcntl
import http.server
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.request

IDLE_SECONDS = 5
SIOCADDRT, SIOCGIFFLAGS, SIOCSIFFLAGS = 0x890B, 0x8913, 0x8914
RTF_UP, IFF_UP = 1, 1


def loopback_for_everything():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
        device = ctypes.create_string_buffer(b"lo")
        anywhere = struct.pack("=H14x", socket.AF_INET)
        # struct rtentry of <linux/route.h>
        route = struct.pack("@L16s16s16sHhLPhPLLH", 0, anywhere, anywhere, anywhere, RTF_UP, 0, 0, 0, 0,
                            ctypes.addressof(device), 0, 0, 0)
        fcntl.ioctl(s, SIOCADDRT, route)
    if socket.has_ipv6 and os.path.exists("/proc/net/if_inet6"):
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
            # struct in6_rtmsg of <linux/ipv6_route.h>: ::/0 dev lo
            fcntl.ioctl(s, SIOCADDRT, struct.pack("@16s16s16sIHHILIi", bytes(16), bytes(16), bytes(16), 0, 0, 0, 1, 0,
                                                  RTF_UP, socket.if_nametoindex("lo")))


def counters():
    """Outgoing TCP connections and UDP datagrams of this namespace so far."""
    found = {}
    lines = open("/proc/net/snmp").read().splitlines()
    for names, values in zip(lines[::2], lines[1::2]):
        kind = names.split(":")[0]
        found.update({f"{kind}.{n}": int(v) for n, v in zip(names.split()[1:], values.split()[1:])})
    if os.path.exists("/proc/net/snmp6"):
        found.update({n: int(v) for n, v in (line.split() for line in open("/proc/net/snmp6"))})
    return found["Tcp.ActiveOpens"], found["Udp.OutDatagrams"] + found.get("Udp6OutDatagrams", 0)


def control():
    """Shows that an attempt to reach the world is counted: an address of RFC 5737, and a datagram to it."""
    before = counters()
    with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        tcp.setblocking(False)
        tcp.connect_ex(("192.0.2.1", 80))
        udp.sendto(b"?", ("192.0.2.1", 53))
    after = counters()
    return [after[0] - before[0], after[1] - before[1]]


class Origin(http.server.ThreadingHTTPServer):
    accepted = 0

    def get_request(self):
        Origin.accepted += 1
        return super().get_request()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"hello"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def wait_for_daemon(data, daemon):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and daemon.poll() is None:
        try:
            facts = json.load(open(os.path.join(data, "daemon.json")))
            if facts["pid"] == daemon.pid:
                return facts
        except (OSError, ValueError):
            pass
        time.sleep(0.02)
    sys.exit("the daemon did not start")


def main(waylay, data, root):
    loopback_for_everything()
    controlled = control()
    origin = Origin(("127.0.0.1", 0), Handler)
    threading.Thread(target=origin.serve_forever, daemon=True).start()
    before = counters()
    daemon = subprocess.Popen([waylay, "--data-dir", data, "start", "--port", "0", "--ui-port", "0", "--upstream-ca", root],
                              stdout=subprocess.DEVNULL)
    facts = wait_for_daemon(data, daemon)
    proxy, ui = ([a for a in facts[name] if a.startswith("127.")][0] for name in ("proxy", "ui"))
    own = 0

    through = urllib.request.build_opener(urllib.request.ProxyHandler({"http": f"http://{proxy}"}))
    for i in range(3):
        through.open(f"http://127.0.0.1:{origin.server_port}/{i}", timeout=20).read()
        own += 1
    token = open(os.path.join(data, "token")).read().strip()
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for path in ("/", "/api/v1/status", "/api/v1/exchanges", "/api/v1/sessions", "/api/v1/ca"):
        request = urllib.request.Request(f"http://{ui}{path}", headers={"Authorization": f"Bearer {token}"})
        direct.open(request, timeout=20).read()
        own += 1

    # Not waiting for something to happen, but watching that nothing does.
    time.sleep(IDLE_SECONDS)
    daemon.send_signal(signal.SIGTERM)
    daemon.wait(timeout=20)
    after = counters()
    print(json.dumps({"control": controlled, "opens": after[0] - before[0], "datagrams": after[1] - before[1],
                      "own": own, "to_origin": Origin.accepted}))


main(*sys.argv[1:])
