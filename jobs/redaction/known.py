"""Finds values that are known in texts, in one pass however many they are, and counts the work."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from .texts import Span

FEWEST_LETTERS: Final = 4  # shorter values are too common to be looked for in texts
MOST_LEFT: Final = 8192  # characters of a value that was cut
FEW_HEADS: Final = 16  # one search for each is quicker than a step for each character
CHARACTERS_A_LOOK: Final = 1024  # that are compared about as fast as a look is prepared

# Texts are cut where an ellipsis ends a line, and around the note that stands for the middle of a long traceback.
_CUTS = re.compile(r"…(?=\n|\Z)|\n… (?P<middle>[\d,]+) bytes and more are left out …\n|\Z")


class Work:
    """How many comparisons of a value with a place are left for a text or a document; below 0, there were too many."""

    def __init__(self, looks: int) -> None:
        self.left = looks

    @property
    def is_too_much(self) -> bool:
        """True when what was looked through is not known to be clear of values."""
        return self.left < 0


class KnownValues:
    """Values by how they begin: a text is compared with a value only where its first characters stand."""

    def __init__(self, values: frozenset[str]) -> None:
        """Values of less than four characters are not looked for."""
        heads = defaultdict(list)
        for value in values:
            if len(value) >= FEWEST_LETTERS:
                heads[value[:FEWEST_LETTERS]].append(value)
        self._heads = dict(heads)

    def spans(self, text: str, work: Work) -> Iterator[Span]:
        """Where the text shows a value, or where it may have been cut: the beginning of one, or what followed.

        In no order. Ends early when the work is too much.
        """
        if not self._heads or len(text) < FEWEST_LETTERS:
            return
        cuts = list(_CUTS.finditer(text)) if "…" in text else []
        for cut in cuts:
            if cut["middle"]:
                yield cut.end(), (text + "\n").index("\n", cut.end())
        ends = [cut.start() for cut in cuts] or [len(text)]
        for at in self._places(text):
            for value in self._heads[text[at : at + FEWEST_LETTERS]]:
                work.left -= 1 + min(len(value), len(text) - at) // CHARACTERS_A_LOOK
                if work.is_too_much:
                    return
                if text.startswith(value, at):
                    yield at, at + len(value)
                elif _is_beginning(text[at : min(ends[bisect_left(ends, at)], at + MOST_LEFT)], value):
                    yield at, ends[bisect_left(ends, at)]

    def _places(self, text: str) -> Iterator[int]:
        """Where values may begin."""
        if len(self._heads) > FEW_HEADS:
            heads = self._heads
            last = len(text) - FEWEST_LETTERS
            yield from (at for at in range(last + 1) if text[at : at + FEWEST_LETTERS] in heads)
            return
        for head in self._heads:
            at = -1
            while (at := text.find(head, at + 1)) >= 0:
                yield at


def _is_beginning(part: str, value: str) -> bool:
    return len(part) < min(len(value), MOST_LEFT) and value.startswith(part)


@lru_cache(maxsize=4)
def known_values(values: frozenset[str]) -> KnownValues:
    """The values of a job, put in order once for all of its texts."""
    return KnownValues(values)
