"""What is typed into the search field of a list: words like `queue:mail` are filters, the rest is text."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlencode

from django.http import QueryDict

NAMES: Final = {
    "type": "type", "queue": "queue", "priority": "priority", "tag": "tag", "error": "error",
    "status": "status", "state": "status",
}  # fmt: skip
_WORD: Final = re.compile(rf'(?<!\S)({"|".join(NAMES)}):("[^"]+"(?!\S)|[^\s"]\S*)')


def understood(text: str) -> tuple[list[tuple[str, str]], str]:
    """The filters in a text as (parameter, value), and the text without them. `error:"no such host"` is one word."""
    pairs = [(NAMES[match[1]], match[2].strip('"')) for match in _WORD.finditer(text)]
    return pairs, " ".join(_WORD.sub(" ", text).split()) if pairs else text


def tidied(path: str, query: QueryDict) -> str | None:
    """The address of a list with the filters out of its text and without empty fields; None where it is so already.

    With other filters a list begins anew: the cursor of the old one goes.
    """
    pairs, rest = understood(query.get("q", ""))
    if not pairs and all(value for _, values in query.lists() for value in values):
        return None
    found = {name: [rest] if name == "q" else list(map(str, values)) for name, values in query.lists()}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
        found.pop("cursor", None)
    kept = {name: list(dict.fromkeys(filter(None, values))) for name, values in found.items()}
    words = urlencode(kept, doseq=True)
    return f"{path}?{words}" if words else path
