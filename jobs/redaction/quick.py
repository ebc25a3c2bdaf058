"""JSON as most payloads are: short, and what is hidden in it are plain values. A few searches of the whole text do.

What is done follows from the names of members and the kinds of their values, never from what is looked for afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Final

from .documents import unescaped
from .names import FieldNames
from .texts import Span

LONGEST: Final = 4096  # characters; the cache below keeps the names in such texts
CACHED_SHAPES: Final = 256

_SPACE = r"[ \t\n\r]*+"
# Steps over values to the next string with a colon behind it; the last find is empty. The first is for texts without
# backslashes, in which every quote begins or ends a string.
_PLAIN_NAMES = re.compile(rf'(?:[^"]*+"[^"]*+"(?!{_SPACE}:))*+[^"]*+(?:"([^"]*+)"|\Z)')
_STRING = r'"(?:[^"\\]++|\\.)*+"'
_NAMES = re.compile(rf'(?:[^"]*+{_STRING}(?!{_SPACE}:))*+[^"]*+(?:"((?:[^"\\]++|\\.)*+)"|\Z)', re.DOTALL)
# A string with escapes that may be JSON itself, by how it begins. Other strings cannot be: JSON's quotes are escaped.
_MAY_BE_JSON = re.compile(r'"(?<!\\")(?:[\s{\[][^"\\]*+\\|\\(?!u(?!00[0-7])))')
_AFTER_A_STRING: Final = " \t\n\r,:]}"


class QuickScan:
    """Finds in short JSON what `scan` finds for the same names, or leaves it to that."""

    def __init__(self, names: FieldNames) -> None:
        self._names = names
        self._hidden = lru_cache(CACHED_SHAPES)(self._look)

    def spans(self, text: str) -> Sequence[Span] | None:
        """Where the values are, in order, that are to be masked in one whole JSON value.

        None where that has to be looked for by `scan`.
        """
        if len(text) > LONGEST:
            return None
        if "\\" not in text:
            members = self._hidden(tuple(_PLAIN_NAMES.findall(text)))
        elif _MAY_BE_JSON.search(text):
            return None
        else:
            members = self._hidden(tuple(_NAMES.findall(text)))
        if not members:
            return None if members is None else ()
        if len(members) == 1:
            found = members[0].search(text)
            return (found.span(1),) if found else None
        each = dict.fromkeys(members)
        spans = sorted(found.span(1) for found in chain.from_iterable(member.finditer(text) for member in each))
        return spans if len(spans) == len(members) else None  # else one is an object or an array

    def _look(self, written: tuple[str, ...]) -> tuple[re.Pattern[str], ...] | None:
        """A pattern for each hidden member among names as they are written.

        None for a name that a pattern might find elsewhere than where it is a name.
        """
        hidden = [name for name in written if self._names.fit(unescaped(name))]
        # The last finds are empty, and a pattern like * means even the empty name.
        if any(not name or name[0] in _AFTER_A_STRING or "\\" in name for name in hidden):
            return None
        return tuple(map(_member, hidden))


@lru_cache(maxsize=1024)
def _member(name: str) -> re.Pattern[str]:
    """Finds a member with a plain value by its name, as it is written. A quote behind a backslash begins no name."""
    quoted = f'"{re.escape(name)}"'
    return re.compile(rf'{quoted}(?<!\\{quoted}){_SPACE}:{_SPACE}({_STRING}|[^\s,\]}}\[{{"]++)', re.DOTALL)
