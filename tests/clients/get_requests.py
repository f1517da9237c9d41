"""Gets a URL by requests and prints the body; the environment says all about proxies and trust."""

import sys

import requests

print(requests.get(sys.argv[1], timeout=20).text)
