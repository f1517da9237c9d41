"""Gets a URL by urllib and prints the body; the environment says all about proxies and trust."""

import sys
import urllib.request

print(urllib.request.urlopen(sys.argv[1], timeout=20).read().decode())
