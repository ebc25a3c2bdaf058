"""The one who masks."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from itertools import chain, islice
from typing import Final

from .documents import MASKED, is_json, leaves, scan
from .names import MASK, FieldNames
from .texts import Span, field_spans

MOST_VALUES: Final = 1000
MOST_SPANS: Final = 10_000
MOST_LEFT: Final = 8192  # characters of a value that was cut
FEWEST_LETTERS: Final = 4  # shorter values are too common to be looked for in texts

Values = frozenset[str] | None  # None stands for values that are not known

_SCHEME = re.compile(r"(?:bearer|basic|token|digest|apikey)\s++(?=\S)", re.IGNORECASE)
# Texts are cut where an ellipsis ends a line, and around the note that stands for the middle of a long traceback.
_CUTS = re.compile(r"…(?=\n|\Z)|\n… (?P<middle>[\d,]+) bytes and more are left out …\n|\Z")


class Redactor:
    """Masks the values of fields whose names fit `patterns`: shell-like, whatever the case."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        self.patterns = patterns
        self._names = FieldNames(patterns)
        self._bears = self._names.fit("authorization")

    def mask_json(self, raw: bytes, known: Values = frozenset()) -> bytes:
        """JSON with the value of each such member, of whatever kind and at any depth, replaced by the mask.

        All other bytes stay as they are, except for a string that is JSON itself and has something masked inside: it is
        written anew. `known` values are masked in other strings too. What is not JSON is masked as a whole.
        """
        return self._mask(raw, None if known == frozenset() else partial(_mask_known, known=known))

    def mask_report(self, raw: bytes, known: Values = frozenset()) -> bytes:
        """Like `mask_json`, for JSON whose strings are messages: each is masked like a text."""
        return self._mask(raw, partial(self.mask_text, known=known))

    def mask_start(self, start: bytes) -> bytes:
        """The beginning of what `mask_json` makes of JSON that starts like this; shorter where that does not tell."""
        try:
            text = start.decode()
        except UnicodeDecodeError as error:
            if error.end < len(start) or len(start) - error.start > 3:
                return b""
            text = start[: error.start].decode()  # cut within a character
        return scan(text, self._names).apply(text).encode()

    def mask_text(self, text: str, known: Values = frozenset(), error_type: str = "") -> str:
        """A text for people with the values of such fields masked, as far as they can be told: `name=value`,
        `"name": "value"`, headers, `--name value`; and wherever they stand, the `known` values of its job.

        `error_type` is the name of an exception, and of no field. Values not known: all of it is masked.
        """
        if known == frozenset() and not self._names.may_occur(text) and not (self._bears and "bearer" in text.lower()):
            return text
        return _mask_known(text, known, field_spans(text, self._names, error_type))

    def mask_error(self, line: str, known: Values = frozenset()) -> str:
        """A text like `ValueError: words`, of which the type is shown also where no value is known."""
        kind, colon, words = line.partition(": ")
        return f"{kind}: {self.mask_text(words, known)}" if colon else self.mask_text(line, known)

    def hidden_values(self, raw: bytes | None) -> Values:
        """The texts and numbers that `mask_json` hides and that are long enough to be looked for elsewhere.

        Not known without JSON, and for more than a thousand.
        """
        text = None if raw is None else _json_text(raw)
        if text is None:
            return None
        found: set[str] = set()
        for value in leaves(scan(text, self._names).hidden) if self._names.may_occur(text) else ():
            found.update(form for form in _forms(value) if len(form) >= FEWEST_LETTERS)
            if len(found) > MOST_VALUES:
                return None
        return frozenset(found)

    def _mask(self, raw: bytes, rewrite: Callable[[str], str] | None) -> bytes:
        text = _json_text(raw)
        if text is None:
            return MASKED.encode()
        if rewrite is None and not self._names.may_occur(text):
            return raw
        found = scan(text, self._names, rewrite)
        return found.apply(text).encode() if found.reach == len(text) else MASKED.encode()


@lru_cache(maxsize=64)
def redactor_of(patterns: tuple[str, ...]) -> Redactor:
    """The redactor of some patterns."""
    return Redactor(patterns)


def _json_text(raw: bytes) -> str | None:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    return text if is_json(text) else None


def _forms(value: str) -> Iterator[str]:
    """A value as it may stand in a text: as it is, by lines, without its scheme, in Python's and JSON's notation."""
    value = value.strip()
    yield value
    scheme = _SCHEME.match(value)
    if scheme:
        yield value[scheme.end() :]
    if not (value.isascii() and value.isprintable()) or any(sign in value for sign in "'\"\\"):
        yield from (line.strip() for line in value.splitlines())
        yield from (repr(value)[1:-1], json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1])


def _mask_known(text: str, known: Values, others: Iterable[Span] = ()) -> str:
    """The text with these values and some other parts masked."""
    if known is None:
        return MASK if text else text
    spans = list(islice(chain(others, _places(text, known), _cut_places(text, known)), MOST_SPANS + 1))
    if len(spans) > MOST_SPANS:
        return MASK
    pieces: list[str] = []
    done = 0
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if start > done or not pieces:
            pieces += text[done:start], MASK
        done = max(done, end)
    return "".join((*pieces, text[done:]))


def _places(text: str, known: frozenset[str]) -> Iterator[Span]:
    for value in known:
        at = -1
        while (at := text.find(value, at + 1)) >= 0:
            yield at, at + len(value)
            at += len(value) - 1


def _cut_places(text: str, known: frozenset[str]) -> Iterator[Span]:
    """Where a text that may have been cut ends with the beginning of a value, or goes on within one.

    Also an empty place for each look, so that looks are counted.
    """
    cuts = list(_CUTS.finditer(text)) if known else []
    for cut in cuts:
        if cut["middle"]:
            yield cut.end(), (text + "\n").index("\n", cut.end())
    ends = [cut.start() for cut in cuts]
    for value in known:
        at = -1
        while (at := text.find(value[:FEWEST_LETTERS], at + 1)) >= 0:
            end = ends[bisect_left(ends, at)]
            is_beginning = end - at < min(len(value), MOST_LEFT) and value.startswith(text[at:end])
            yield at, end if is_beginning else at
