"""The one who masks."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import islice
from typing import Final

from .documents import MASKED, is_json, leaves, scan
from .known import FEW_HEADS, FEWEST_LETTERS, Work, known_values
from .names import MASK, FieldNames
from .quick import QuickScan
from .texts import Span, field_spans

MOST_VALUES: Final = 1000
MOST_SPANS: Final = 10_000
MOST_LOOKS: Final = 10_000  # for known values in a text
MOST_DOCUMENT_LOOKS: Final = 500_000  # in all strings of a document

Values = frozenset[str] | None  # None stands for values that are not known

_SCHEME = re.compile(r"(?:bearer|basic|token|digest|apikey)\s++(?=\S)", re.IGNORECASE)


class Redactor:
    """Masks the values of fields whose names fit `patterns`: shell-like, whatever the case."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        self.patterns = patterns
        self._names = FieldNames(patterns)
        self._quick = QuickScan(self._names)
        self._bears = self._names.fit("authorization")

    def mask_json(self, raw: bytes, known: Values = frozenset()) -> bytes:
        """JSON with the value of each such member, of whatever kind and at any depth, replaced by the mask.

        All other bytes stay as they are, except for a string that is JSON itself and has something masked inside: it is
        written anew. `known` values are masked in other strings too. What is not JSON is masked as a whole, and so is
        what takes too much work.
        """
        if known == frozenset():
            return self._mask_members(raw)
        work = Work(MOST_DOCUMENT_LOOKS)
        return self._mask(raw, partial(_mask_known, known=known, work=work), work)

    def mask_report(self, raw: bytes, known: Values = frozenset()) -> bytes:
        """Like `mask_json`, for JSON whose strings are messages: each is masked like a text."""
        work = Work(MOST_DOCUMENT_LOOKS)
        return self._mask(raw, partial(self._mask_text, known=known, error_type="", work=work), work)

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

        `error_type` is the name of an exception, and of no field. Values not known, or too much work: all of it is
        masked.
        """
        return self._mask_text(text, known, error_type, Work(MOST_LOOKS))

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
        for value in leaves(self._hidden(text)):
            found.update(form for form in _forms(value) if len(form) >= FEWEST_LETTERS)
            if len(found) > MOST_VALUES:
                return None
        return frozenset(found)

    def _mask_text(self, text: str, known: Values, error_type: str, work: Work) -> str:
        if self._is_clear(text, known, work):
            return text
        return _mask_known(text, known, work, field_spans(text, self._names, error_type))

    def _is_clear(self, text: str, known: Values, work: Work) -> bool:
        """True where a quick look does for a text: nothing that is hidden begins anywhere in it."""
        if known is None or len(known) > FEW_HEADS or work.is_too_much:
            return False
        for value in known:
            if value[:FEWEST_LETTERS] in text:
                return False
        if known and "…" in text:  # it may have been cut within a value
            return False
        return not self._names.may_occur(text) and not (self._bears and "bearer" in text.lower())

    def _hidden(self, text: str) -> list[str]:
        """The JSON that is masked in one whole JSON value."""
        spans = self._quick.spans(text)
        if spans is not None:
            return [text[start:end] for start, end in spans]
        return scan(text, self._names).hidden if self._names.may_occur(text) else []

    def _mask_members(self, raw: bytes) -> bytes:
        """Searches come here for each payload."""
        text = _json_text(raw)
        if text is None:
            return MASKED.encode()
        spans = self._quick.spans(text)
        if spans is not None:
            return _with_masks(text, spans).encode() if spans else raw
        if not self._names.may_occur(text):
            return raw
        found = scan(text, self._names)
        return found.apply(text).encode() if found.reach == len(text) else MASKED.encode()

    def _mask(self, raw: bytes, rewrite: Callable[[str], str], work: Work) -> bytes:
        text = _json_text(raw)
        if text is None:
            return MASKED.encode()
        found = scan(text, self._names, rewrite)
        is_clear = found.reach == len(text) and not work.is_too_much
        return found.apply(text).encode() if is_clear else MASKED.encode()


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


def _with_masks(text: str, spans: Sequence[Span]) -> str:
    for start, end in reversed(spans):
        text = f"{text[:start]}{MASKED}{text[end:]}"
    return text


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


def _mask_known(text: str, known: Values, work: Work, others: Iterable[Span] = ()) -> str:
    """The text with these values and some other parts masked; all of it where the work is too much."""
    if known is None or work.is_too_much:
        return MASK if text else text
    spans = list(islice(others, MOST_SPANS + 1))
    is_too_much = len(spans) > MOST_SPANS
    spans += () if is_too_much else known_values(known).spans(text, work)
    if is_too_much or work.is_too_much:
        return MASK
    if not spans:
        return text
    pieces: list[str] = []
    done = 0
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if start > done or not pieces:
            pieces += text[done:start], MASK
        done = max(done, end)
    return "".join((*pieces, text[done:]))
