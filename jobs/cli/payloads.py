"""JSON on the command line or on standard input, kept byte for byte."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Final

from .command import Options

MAX_INPUT: Final = 64 * 1024 * 1024  # the most that MAX_PAYLOAD_BYTES can be


def add_payload(parser: ArgumentParser) -> None:
    """The argument for a payload in place of the one there is."""
    parser.add_argument(
        "--payload", metavar="JSON", help="another payload; the old one is kept; - reads standard input"
    )


def payload_of(options: Options) -> bytes | None:
    """The payload that was given; None for none, which is not the same as null."""
    return None if options["payload"] is None else read_payload(options["payload"])


def read_payload(text: str) -> bytes:
    """The JSON's bytes, from the command line or, for `-`, from standard input."""
    if text == "-":
        return sys.stdin.buffer.read(MAX_INPUT + 1)
    return text.encode(errors="surrogateescape")
