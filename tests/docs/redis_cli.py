"""`redis-cli` where there is none: takes `-u` and an address, and one command."""

import argparse
import sys
from typing import Any

import redis


def main() -> int:
    """Send the command and write its reply, an item a line."""
    parser = argparse.ArgumentParser(prog="redis-cli")
    parser.add_argument("-u", required=True, dest="url")
    parser.add_argument("command", nargs="+")
    asked = parser.parse_args()
    with redis.Redis.from_url(asked.url, decode_responses=True, encoding_errors="replace") as client:
        reply: Any = client.execute_command(*asked.command)
    lines = reply.items() if isinstance(reply, dict) else reply if isinstance(reply, list) else [reply]
    for line in lines:
        words = line if isinstance(line, tuple) else [line]
        sys.stdout.writelines(f"{word}\n" for word in words)
    return 0


if __name__ == "__main__":
    sys.exit(main())
