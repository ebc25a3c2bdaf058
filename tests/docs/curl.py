"""`curl` where there is none: the options that the documentation uses, by httpx."""

import argparse
import sys

import httpx


def main() -> int:
    """Send one request and write the answer's body."""
    parser = argparse.ArgumentParser(prog="curl")
    parser.add_argument("url")
    parser.add_argument("-X", "--request")
    parser.add_argument("-H", "--header", action="append", default=[])
    parser.add_argument("-d", "--data")
    parser.add_argument("-s", "--silent", action="store_true")
    parser.add_argument("-S", "--show-error", action="store_true")
    parser.add_argument("-f", "--fail", action="store_true")
    parser.add_argument("-i", "--include", action="store_true")
    asked = parser.parse_args()
    headers = dict(line.split(": ", 1) for line in asked.header)
    method = asked.request or ("POST" if asked.data else "GET")
    answer = httpx.request(method, asked.url, headers=headers, content=asked.data)
    if asked.include:
        sys.stdout.write(f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}\n")
        sys.stdout.writelines(f"{name}: {value}\n" for name, value in answer.headers.items())
        sys.stdout.write("\n")
    sys.stdout.write(answer.text)
    return 22 if asked.fail and answer.is_error else 0


if __name__ == "__main__":
    sys.exit(main())
