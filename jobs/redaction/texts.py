"""Plain text: log lines, errors, tracebacks. Finds where values of fields are shown, by how people and programs write.

Everything is one pass: patterns are possessive, and what is open to the end is taken to the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from .names import FieldNames

LONGEST_NAME: Final = 100
MOST_BACKSLASHES: Final = 7  # before a quote: JSON in JSON in JSON

Span = tuple[int, int]

_FIELD = re.compile(
    r"""(?<![\w.\-])--(?P<flag>[\w\-]++)[ \t]++(?=[^\s\-])                                # --password x
    | (?<![\w.\-])(?P<name>[\w.\-]++)(?P<quote>\\*+["']|)\]?+
      (?P<sep>[ \t]*+(?:=>|:=|==|[:=])[ \t]*+|,[ \t]*+(?=\\*+[bBuU]?["'])|(?<=[\w\-])>)  # password = "x", <password>x
    | (?<!\w)(?i:bearer)[ \t]++(?P<bearer>[\w.~+/=\-]++)
    """,
    re.VERBOSE,
)
_OPENING = re.compile(r"""[rRbBfFuU]{0,2}+(\\*+)(\"{3}|'{3}|["'`])""")
_NESTING = re.compile(r""""(?:[^"\\]++|\\.)*+"?+|'(?:[^'\\]++|\\.)*+'?+|[\[\](){}]""", re.DOTALL)
_STEPS: Final = {"[": 1, "(": 1, "{": 1, "]": -1, ")": -1, "}": -1}
_LINE = re.compile(r"[^\n]*+")
_ELEMENT = re.compile(r"[^<\n]*+")
# Commas, brackets and quotes end a value where something else follows them, and belong to it within a word.
_WORDS = re.compile(r"""(?:[^\n,;)\]}"'>]++|[,;)\]}"'>](?![\s,;)\]}"'>]|\Z))*+""")
_WORD = re.compile(
    r"""(?:(?i:bearer|basic|token|digest|apikey)[ \t]++)?+(?:[^\s&,;)\]}"'>]++|[,;)\]}"'>](?![\s,;)\]}"'>]|\Z))*+"""
    r"(?:[ ]\d++)*+"
)
_EXCEPTION = re.compile(r"[A-Z]\w*(?:Error|Exception)\Z")


def field_spans(text: str, names: FieldNames, error_type: str = "") -> Iterator[Span]:
    """Where the text shows values of such fields, in order. `error_type` is an exception's name, and no field."""
    at = 0
    while (found := _FIELD.search(text, at)) is not None:
        at = found.end()
        span = _span(text, found, names, error_type)
        if span is not None and span[1] > span[0]:
            yield span
            at = max(at, span[1])


def _span(text: str, found: re.Match[str], names: FieldNames, error_type: str) -> Span | None:
    if found["bearer"]:
        return found.span("bearer") if names.fit("authorization") else None
    if found["flag"]:
        return _value(text, found.end(), "=", "") if names.fit(found["flag"]) else None
    name, sep = _field_name(text, found, names), found["sep"].strip()
    if not name or (sep == "," and not found["quote"]) or (sep == ">" and not _is_tag(text, found)):
        return None
    if sep == ":" and _is_exception(name, found["quote"], error_type):
        return None
    return _value(text, found.end(), sep, name.lower())


def _field_name(text: str, found: re.Match[str], names: FieldNames) -> str:
    """The name of a field that is masked, "" for any other: the word, its last part, or all between its quotes."""
    word = found["name"]
    if found["quote"]:
        quote = found["quote"][-1]
        start = text.rfind(quote, max(0, found.end("name") - LONGEST_NAME), found.end("name"))
        whole = text[start + 1 : found.end("name")] if start >= 0 else ""
        if whole and "\n" not in whole and names.fit(whole):
            return whole
    if len(word) > LONGEST_NAME:
        return ""
    last = word.rpartition(".")[2].lstrip("-")
    return next((each for each in (last, word.lstrip("-.")) if each and names.fit(each)), "")


def _is_tag(text: str, found: re.Match[str]) -> bool:
    return not found["quote"] and text[found.start() - 1 : found.start()] in ("<", ":")


def _is_exception(name: str, quote: str, error_type: str) -> bool:
    last = name.rpartition(".")[2]
    return not quote and (last == error_type or _EXCEPTION.match(last) is not None)


def _value(text: str, at: int, sep: str, name: str) -> Span | None:
    """Where the value is that begins at `at`."""
    if sep == ">":
        return at, _end(_ELEMENT, text, at)
    opening = _OPENING.match(text, at)
    if opening and len(opening[1]) <= MOST_BACKSLASHES:
        return opening.end(), _quoted_end(text, opening)
    if text[at : at + 1] in ("[", "(", "{"):
        return at, _nested_end(text, at)
    if "authorization" in name or "cookie" in name:
        return at, _end(_LINE, text, at)
    return at, _end(_WORDS if sep == ":" else _WORD, text, at)


def _quoted_end(text: str, opening: re.Match[str]) -> int:
    """Where the quote closes, that is with as many backslashes as it opened with; the end of the line if nowhere."""
    depth, quote = len(opening[1]), opening[2]
    for run in re.compile(rf"(?<!\\)(\\*+){quote}").finditer(text, opening.end()):
        extra = len(run[1]) - depth
        if extra >= 0 and extra % (2 * (depth + 1)) == 0:
            return run.end(1) - depth
    return _end(_LINE, text, opening.end())


def _nested_end(text: str, at: int) -> int:
    """Where the bracket closes; the end of the text if nowhere."""
    depth = 0
    for found in _NESTING.finditer(text, at):
        depth += _STEPS.get(found[0], 0)
        if depth == 0:
            return found.end()
    return len(text)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
