"""What a connection may cost."""

from __future__ import annotations

from dataclasses import dataclass

KIBIBYTE = 1024


@dataclass(frozen=True)
class Limits:
    """Sizes in bytes, times in seconds.

    Headers have to come within `header_seconds`, a body within `body_seconds` and at no less than `body_rate` bytes a
    second over each `body_window_seconds`. Between two requests a connection may be silent for `keep_alive_seconds`
    (longer than the minute after which most balancers give one up). An answer of which nothing can be sent for
    `stall_seconds` is given up; a refusal leaves `linger_seconds` to read it, and
    the end of a live connection as long to answer. An application that says nothing for
    `application_seconds` is given up. `message_bytes` is the most that one WebSocket message may have,
    `sent_message_bytes` the most that one of ours may.
    """

    body_bytes: int = 16 * 1024 * KIBIBYTE
    header_bytes: int = 16 * KIBIBYTE
    header_count: int = 100
    header_seconds: float = 15.0
    body_seconds: float = 300.0
    body_window_seconds: float = 10.0
    body_rate: int = 2 * KIBIBYTE
    keep_alive_seconds: float = 75.0
    stall_seconds: float = 30.0
    linger_seconds: float = 3.0
    application_seconds: int = 120
    message_bytes: int = 4 * KIBIBYTE
    sent_message_bytes: int = 64 * KIBIBYTE
