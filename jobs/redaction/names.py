"""Which fields are masked: shell-like patterns for their names."""

from __future__ import annotations

import fnmatch
import re
from functools import lru_cache
from typing import Final

MASK: Final = "•••"

DEFAULT_FIELDS: Final = (
    "*password*", "*passwd", "passphrase", "pwd", "*secret*", "*token", "*authorization", "*api_key", "*apikey",
    "*access_key", "*private_key", "*credentials", "cookie", "set_cookie", "passcode", "pin", "pin_code",
    "card*", "*_card_number", "*credit_card*", "creditcard*", "*debit_card*", "cvv", "cvc", "security_code", "iban",
    "ssn",
)  # fmt: skip

NOTHING: Final = "none"
MOST_PATTERNS: Final = 100
LONGEST_PATTERN: Final = 64
CACHED_NAMES: Final = 4096
LONGEST_CACHED: Final = 200

_PATTERN = re.compile(rf"[^\s,\"'\\]{{1,{LONGEST_PATTERN}}}\Z")
_JOINTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[-.\s]++")
_RUNS = re.compile(r"[a-z0-9]++")


def field_patterns(text: str) -> tuple[str, ...]:
    """Parse patterns separated by commas; `none` means that nothing is masked. Raises ValueError with a hint."""
    if text.strip().lower() == NOTHING:
        return ()
    patterns = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not patterns or len(patterns) > MOST_PATTERNS or not all(map(_PATTERN.match, patterns)):
        raise ValueError(
            f"give up to {MOST_PATTERNS} names or patterns separated by commas, like password,*_token,card*, or none"
        )
    return patterns


class FieldNames:
    """The names that patterns mean.

    A name is compared whatever its case, as it is and in snake_case: `accessToken`, `Access-Token` and `ACCESS_TOKEN`
    are all `access_token`. `*` stands for any characters, `?` for one, `[ab]` for one of those.
    """

    def __init__(self, patterns: tuple[str, ...]) -> None:
        lowered = tuple(dict.fromkeys(pattern.lower() for pattern in patterns))
        self._fits = re.compile("|".join(map(fnmatch.translate, lowered)) or r"(?!)").match
        self._parts = _shortest([_part(pattern) for pattern in lowered])
        self._cached = lru_cache(CACHED_NAMES)(self._look)

    def fit(self, name: str) -> bool:
        """True for the name of a field that is masked."""
        return self._cached(name) if len(name) <= LONGEST_CACHED else self._look(name)

    def may_occur(self, text: str) -> bool:
        """False when no such name can be in a text, or in JSON; quick."""
        if "" in self._parts or "\\u" in text:
            return True
        lowered = text.lower()
        for part in self._parts:  # noqa: SIM110  (a generator would take longer than the search)
            if part in lowered:
                return True
        return False

    def _look(self, name: str) -> bool:
        return bool(self._fits(name.lower()) or self._fits(_JOINTS.sub("_", name).lower()))


def _part(pattern: str) -> str:
    """What is in every name that a pattern means, however it is joined; "" when nothing is."""
    return "" if "[" in pattern else max(_RUNS.findall(pattern), key=len, default="")


def _shortest(parts: list[str]) -> tuple[str, ...]:
    """The parts without those that hold another one."""
    return tuple(part for part in set(parts) if not any(other in part for other in set(parts) - {part}))
