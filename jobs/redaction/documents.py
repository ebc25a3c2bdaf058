"""JSON, scanned rather than decoded: everything that is not masked stays as it was, to the byte."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

import msgspec

from .names import MASK, FieldNames

MASKED: Final = f'"{MASK}"'

Rewrite = Callable[[str], str]

_SPACE = r"[ \t\n\r]*+"
_STRING = r'"(?:[^"\\]++|\\.)*+"'
# What stands between strings, then a string, and a colon behind it if it is the name of a member.
_STEP = re.compile(
    rf'[ \t\n\r\[\]{{}}:,0-9+\-.eEtrufalsn]*+(?:"((?:[^"\\]++|\\.)*+)"({_SPACE}:{_SPACE})?+)?+', re.DOTALL
)
_TEXT = re.compile(_STRING, re.DOTALL)
_NESTING = re.compile(rf"{_STRING}?+|[\[\]{{}}]", re.DOTALL)  # a string that is cut has no brackets either
_STEPS: Final = {"[": 1, "{": 1, "]": -1, "}": -1}
_SCALAR = re.compile(r"[^\s,\]}]*+")
_MAY_BE_JSON = re.compile(r'[\s\\{\["]|\Z')  # how such a string begins

# Numbers as they are written, objects as lists of all their values: a name that stands twice hides none.
_decode = json.JSONDecoder(
    parse_int=str, parse_float=str, object_pairs_hook=lambda pairs: [value for _, value in pairs], strict=False
).decode
_encode = json.JSONEncoder(ensure_ascii=False).encode
_check = msgspec.json.Decoder(msgspec.Raw).decode


class Scan(NamedTuple):
    """What was found: (start, end, replacement) in order, the JSON that they hide, and how far the text was clear."""

    edits: list[tuple[int, int, str]]
    hidden: list[str]
    reach: int

    def apply(self, text: str) -> str:
        """The masked text, as far as it was clear."""
        pieces: list[str] = []
        at = 0
        for start, end, new in self.edits:
            pieces += text[at:start], new
            at = end
        return "".join((*pieces, text[at : self.reach]))


def is_json(text: str) -> bool:
    """True for one JSON value."""
    try:
        _check(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return False
    return True


def scan(text: str, names: FieldNames, rewrite: Rewrite | None = None) -> Scan:
    """Look through JSON, or through the beginning of some, for what is to be masked.

    Strings that are JSON themselves are looked through as well, and written anew where something is masked.
    `rewrite` is asked for the new form of every other string that is a value.
    """
    edits: list[tuple[int, int, str]] = []
    hidden: list[str] = []
    at = 0
    while (step := _STEP.match(text, at)) is not None and step[1] is not None:
        at = step.end()
        if step[2] is None:
            new, inner = _string(step[1], names, rewrite)
            hidden += inner
            edits += [(step.start(1), step.end(1), new)] if new != step[1] else []
        elif names.fit(unescaped(step[1])):
            end = _value_end(text, at)
            if end < 0:
                return Scan(edits, hidden, at)
            edits.append((at, end, MASKED))
            hidden.append(text[at:end])
            at = end
    return Scan(edits, hidden, _reach(text, step.end() if step else at))


def leaves(raws: Iterable[str]) -> Iterator[str]:
    """Every text and number in pieces of JSON, also in strings that are JSON themselves."""
    todo: list[Any] = [_value(raw) for raw in raws]
    while todo:
        value = todo.pop()
        if isinstance(value, str):
            yield value
            todo += [_decode(value)] if value.lstrip()[:1] in ("{", "[", '"') and is_json(value) else []
        elif isinstance(value, list):
            todo += value


def holds_mask(raw: bytes) -> bool:
    """True for JSON in which a value is the mask, however it is escaped, also in strings that are JSON themselves.

    False for what is not JSON.
    """
    if MASK.encode() not in raw and b"\\u" not in raw:
        return False
    try:
        todo: list[Any] = [_decode(raw.decode())]
    except (ValueError, RecursionError):
        return False
    while todo:
        value = todo.pop()
        if isinstance(value, list):
            todo += value
        elif not isinstance(value, str):
            continue
        elif value.strip() == MASK:
            return True
        elif (MASK in value or "\\u" in value) and is_json(value):
            todo.append(_decode(value))
    return False


def unescaped(content: str) -> str:
    """The text that a JSON string stands for; what cannot be read stays as it is."""
    try:
        return str(_decode(f'"{content}"')) if "\\" in content else content
    except ValueError:
        return content


def _value(raw: str) -> Any:
    """What a piece of JSON stands for, as `_decode` tells it."""
    return raw[1:-1] if raw[:1] == '"' and "\\" not in raw else _decode(raw)


def _string(content: str, names: FieldNames, rewrite: Rewrite | None) -> tuple[str, list[str]]:
    """The new content of a string that is a value, and what is hidden in it."""
    may_be_json = "\\" in content and names.may_occur(content)  # JSON in a string has its quotes escaped
    if not may_be_json and rewrite is None:
        return content, []
    text = unescaped(content)
    if may_be_json and text.lstrip()[:1] in ("{", "[", '"') and is_json(text):
        inner = scan(text, names, rewrite)
        new, hidden = inner.apply(text), inner.hidden
    else:
        new, hidden = rewrite(text) if rewrite else text, []
    return (content if new == text else _encode(new)[1:-1]), hidden


def _value_end(text: str, at: int) -> int:
    """Where the value that begins at `at` is over; -1 when the text is over first."""
    if text[at : at + 1] not in ("[", "{"):
        found = (_TEXT if text[at : at + 1] == '"' else _SCALAR).match(text, at)
        return found.end() if found and found.end() < len(text) else -1
    depth = 0
    for found in _NESTING.finditer(text, at):
        depth += _STEPS.get(found[0], 0)
        if depth == 0:
            return found.end()
    return -1


def _reach(text: str, at: int) -> int:
    """How far a text without another whole string behind `at` is clear: not into one that may yet prove to be JSON."""
    is_plain = text[at : at + 1] == '"' and not _MAY_BE_JSON.match(text, at + 1)
    return len(text) if is_plain else at
