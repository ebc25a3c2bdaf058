"""What an API key may do: the closed set of scopes, and reading them from text."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Scope(StrEnum):
    """A bundle of rights of an API key (`jobs.rights` lists them). `admin` includes the others."""

    ENQUEUE = "enqueue"
    READ = "read"
    OPERATE = "operate"
    PAYLOADS = "payloads"
    ADMIN = "admin"


def parse_scopes(texts: Iterable[str]) -> frozenset[Scope]:
    """The scopes that words, or comma-separated lists of them, name. Raises ValueError for an unknown word or none."""
    words = [word.strip().lower() for text in texts for word in text.split(",") if word.strip()]
    known = ", ".join(Scope)
    for word in words:
        if word not in set(Scope):
            raise ValueError(f"{word!r} is no scope: give {known}")
    if not words:
        raise ValueError(f"give at least one scope: {known}")
    return frozenset(Scope(word) for word in words)


def granted(scopes: Iterable[str]) -> frozenset[Scope]:
    """The scopes that stored words grant, with what `admin` includes; words of another version grant nothing."""
    known = {scope.value: scope for scope in Scope}
    held = frozenset(known[word] for word in scopes if word in known)
    return frozenset(Scope) if Scope.ADMIN in held else held
