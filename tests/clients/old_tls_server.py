"""Answers any request over TLS as old servers speak it; prints its port.

Arguments: a PEM file with chain and key, the newest version (as ssl.TLSVersion names it), the ciphers of TLS 1.2 and below.
With a fourth argument, a PEM file of roots, clients need a certificate.
"""

import socket
import ssl
import sys
import threading

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.set_ciphers(sys.argv[3])
context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
context.maximum_version = ssl.TLSVersion[sys.argv[2]]
context.load_cert_chain(sys.argv[1])
if len(sys.argv) > 4:
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(sys.argv[4])


def serve(connection):
    try:
        with context.wrap_socket(connection, server_side=True) as stream:
            stream.recv(4096)
            text = f"spoken by {stream.version()}"
            stream.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode())
    except OSError:
        pass  # What goes wrong here is for the other side to notice.


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
