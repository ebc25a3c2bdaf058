"""`jq` where there is none: the library that it is, by its Python package. Takes `-r` and a filter."""

import json
import sys

import jq

if __name__ == "__main__":
    *options, wanted = sys.argv[1:]
    for value in jq.compile(wanted).input_text(sys.stdin.read(), slurp=False):
        is_text = isinstance(value, str) and options == ["-r"]
        sys.stdout.write(f"{value if is_text else json.dumps(value)}\n")
