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
from jobs.types import JobRecord, Priority

LUA = Path(__file__).parent / "lua"
_COMMENT = re.compile(r"--.*")
# A record's last field, its tags, is a list of texts, and is there only in the records of jobs that have some.
*_FIELDS, _ = msgspec.structs.fields(JobRecord)
_ARE_TAGS = """local function are_tags(tags)
  if type(tags) ~= 'table' then return false end
  for place, tag in pairs(tags) do
    if type(place) ~= 'number' or type(tag) ~= 'string' then return false end
  end
  return true
end
"""
_LUA_NAMES = {"created": "CREATED_AT", "order": "ORDER", "deduplication_key": "DEDUPLICATION_KEY"}


@dataclass(frozen=True)
class Script:
    """One transition, ready to send."""

    name: str
    source: bytes
    sha: bytes


def _field_constants() -> str:
    names = [_LUA_NAMES.get(field.name, field.name.upper()) for field in _FIELDS]
    numbers = ", ".join(str(position) for position in range(1, len(names) + 1))
    states = ", ".join(f"{state.name}" for state in State)
    codes = ", ".join(str(state.value) for state in State)
    return (
        f"local {', '.join(names)} = {numbers}\nlocal FIELDS, TAGS = {len(names)}, {len(names) + 1}\n"
        f"local {states} = {codes}\n{_completion()}{_ARE_TAGS}{_shape_check()}"
    )


def _completion() -> str:
    """A Lua function that gives a record the fields that did not exist yet when it was written."""
    literals = [_lua_literal(field.default) for field in _FIELDS]
    fill = "for i = #rec + 1, FIELDS do rec[i] = defaults[i] end"
    return f"local function complete_record(rec) local defaults = {{{', '.join(literals)}}} {fill} end\n"


def _shape_check() -> str:
    """A Lua function that fails, or answers false, unless a table has a record's shape.

    Unrolled, as it runs for every record read: a comparison fails by itself for what is no number.
    """
    tests = [f"rec[STATE] >= {min(State)} and rec[STATE] <= {max(State)}"]
    tests.append(f"rec[PRIORITY] >= {min(Priority)} and rec[PRIORITY] <= {max(Priority)}")
    numeric = []
    for position, field in enumerate(_FIELDS, 1):
        if field.type is str:
            tests.append(f"type(rec[{position}]) == 'string'")
        else:
            tests.append(f"rec[{position}] < 9007199254740992")
            numeric.append(f"rec[{position}]")
    tests.append(f"({' + '.join(numeric)}) % 1 == 0")
    tests.append("(rec[TAGS] == nil or are_tags(rec[TAGS]))")
    return f"local function well_formed(rec) return {' and '.join(tests)} end\n"


def _lua_literal(default: object) -> str:
    """A field's default in Lua; nil for a field that has none and so must be there."""
    if default is msgspec.NODEFAULT:
        return "nil"
    return f"'{default}'" if isinstance(default, str) else f"{default}"


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
    source = _without_idle_functions("".join([*parts, rest])).encode()
    return Script(name, source, hashlib.sha1(source, usedforsecurity=False).hexdigest().encode())


def _without_idle_functions(source: str) -> str:
    """The source without the top-level functions that nothing calls: a call would make each of them anew."""
    blocks = re.split(r"^(local function (?:[^\n]* end|.*?\nend)$)", source, flags=re.MULTILINE | re.DOTALL)
    while True:
        busy = [block for block in blocks if not _is_idle(block, blocks)]
        if len(busy) == len(blocks):
            return "".join(blocks)
        blocks = busy


def _is_idle(block: str, blocks: list[str]) -> bool:
    named = re.match(r"local function (\w+)", block)
    if named is None:
        return False
    use = re.compile(rf"\b{named[1]}\b")
    return not any(use.search(_COMMENT.sub("", other)) for other in blocks if other is not block)


def names() -> list[str]:
    """All transitions that have a file."""
    return sorted(path.stem for path in LUA.glob("*.lua"))
