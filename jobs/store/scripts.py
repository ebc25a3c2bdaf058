"""Loads the Lua transitions: resolves their includes, names record fields and states, computes their SHA1.

A file is: the shebang, a header of comments whose `Uses:` line lists the pieces of `lua/lib` it needs, the body.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from jobs.states import State
from jobs.types import JobRecord

LUA = Path(__file__).parent / "lua"
_LUA_NAMES = {"created": "CREATED_AT", "order": "ORDER", "deduplication_key": "DEDUPLICATION_KEY"}


@dataclass(frozen=True)
class Script:
    """One transition, ready to send."""

    name: str
    source: bytes
    sha: bytes


def _field_constants() -> str:
    fields = msgspec.structs.fields(JobRecord)
    names = [_LUA_NAMES.get(field.name, field.name.upper()) for field in fields]
    numbers = ", ".join(str(position) for position in range(1, len(names) + 1))
    states = ", ".join(f"{state.name}" for state in State)
    codes = ", ".join(str(state.value) for state in State)
    return f"local {', '.join(names)} = {numbers}\nlocal FIELDS = {len(names)}\nlocal {states} = {codes}\n"


@cache
def load(name: str) -> Script:
    """The script of one transition. Raises FileNotFoundError for a name without a file."""
    shebang, _, rest = (LUA / f"{name}.lua").read_text().partition("\n")
    uses = re.search(r"^-- Uses: (.+)$", rest, re.MULTILINE)
    pieces = [piece.strip() for piece in uses.group(1).split(",")] if uses else []
    parts = [shebang + "\n"]
    if pieces:
        parts.append(_field_constants())
    parts += [(LUA / "lib" / f"{piece}.lua").read_text() for piece in pieces]
    source = "".join([*parts, rest]).encode()
    return Script(name, source, hashlib.sha1(source, usedforsecurity=False).hexdigest().encode())


def names() -> list[str]:
    """All transitions that have a file."""
    return sorted(path.stem for path in LUA.glob("*.lua"))
