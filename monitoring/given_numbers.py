"""Numbers as people write them into forms."""

from __future__ import annotations

import re
from typing import Final

_DECIMAL: Final = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?\Z", re.ASCII)  # what float() takes besides is none


def given_number(text: str) -> int | float | str:
    """A number, whole without a point; any other text as it is, for the API to refuse in words."""
    if not _DECIMAL.match(text):
        return text
    return float(text) if "." in text else int(text)
