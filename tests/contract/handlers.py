"""The one handler that the service of these tests knows."""

from __future__ import annotations

from typing import Any

from jobs import handler


@handler("send-email")
def send_email(payload: Any) -> Any:
    """Returns its payload."""
    return payload
