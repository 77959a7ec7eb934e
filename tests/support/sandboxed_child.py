"""What the tests of the sandbox run in it."""

import ctypes
import json
import os
import sys
import time

asked = json.load(sys.stdin)
match asked["do"]:
    case "echo":
        print(json.dumps({"text": asked["text"]}))
    case "sleep":
        time.sleep(60)
    case "eat":
        bytearray(1_000_000_000)
    case "crash":
        ctypes.string_at(0)
    case "environment":
        print(json.dumps({"names": sorted(set(os.environ) - {"LC_CTYPE"})}))
