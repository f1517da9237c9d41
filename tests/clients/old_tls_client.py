"""Asks for / through the tunnel of a proxy with a client that still speaks the oldest TLS, and prints the answer.

Arguments: the proxy's host:port, the target's host:port, a PEM file of roots.
"""

import socket
import ssl
import sys

(proxy, target, roots) = sys.argv[1:]
host = target.rpartition(":")[0]
context = ssl.create_default_context(cafile=roots)
context.set_ciphers("ALL:@SECLEVEL=0")
context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
tunnel = socket.create_connection(proxy.rsplit(":", 1), timeout=20)
tunnel.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode())
assert tunnel.recv(4096).startswith(b"HTTP/1.1 200"), "no tunnel"
with context.wrap_socket(tunnel, server_hostname=host) as stream:
    stream.sendall(f"GET / HTTP/1.1\r\nHost: {target}\r\nConnection: close\r\n\r\n".encode())
    while piece := stream.recv(4096):
        sys.stdout.write(piece.decode())
