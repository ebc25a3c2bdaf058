"""The text of faulthandler, taken apart: a section a thread, the line that runs first, no value of any variable."""

from __future__ import annotations

import linecache
import re
import traceback
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from jobs.fingerprint import ENGINE, clean_trace

RUNNER: Final = ENGINE + "worker/runner.py"
MOST_BYTES: Final = 32 * 1024  # of the sections that a supervisor passes on; the oldest frames come last
MOST_FRAMES: Final = 100  # of a thread that Python writes
_HEAD = re.compile(r"^(?:Current thread|Thread) 0x([0-9a-f]+)[^\n]*:\n", re.MULTILINE)
_FRAME = re.compile(r'  File "(.*)", line (\d+) in (.*)')
_CUT: Final = "  …"


def section_of(text: str, thread: int) -> str | None:
    """What is written of a thread, or None while that has not come whole: the main thread's section is the last."""
    heads = list(_HEAD.finditer(text))
    for head, following in pairwise(heads):
        if int(head[1], 16) == thread:
            return cut(text[head.start() : following.start()])
    return None


def cut(text: str) -> str:
    """At most 32 KiB of it, in whole lines: the innermost frames are kept."""
    if len(text.encode()) <= MOST_BYTES:
        return text
    kept = text.encode()[: MOST_BYTES - 10].decode(errors="ignore")
    return kept[: kept.rfind("\n") + 1] + _CUT + "\n"


def lines_of_dump(text: str, title: str = "") -> list[str]:
    """Files, lines and code as `frames.lines_of` shows them, the line that runs last, of each thread in the text.

    `title` stands above a single thread; several are told apart by their numbers.
    """
    heads = list(_HEAD.finditer(text))
    ends = [*(head.start() for head in heads[1:]), len(text)]
    parts = ["Its thread cannot be told from the others:\n"] if len(heads) > 1 else []
    for head, end in zip(heads, ends, strict=False):
        above = title if len(heads) == 1 else f"Thread {int(head[1], 16)}"
        parts += [f"{above}:\n"] if above else []
        parts += _shown(text[head.end() : end].splitlines())
    return clean_trace("".join(parts)).splitlines()


def _shown(lines: list[str]) -> Iterator[str]:
    """One thread's frames, outermost first, without what the engine did before it called the user's code."""
    frames = [(match[1], int(match[2]), match[3]) for line in lines if (match := _FRAME.match(line))]
    frames.reverse()
    files = [file for file, _, _ in frames]
    runner = max((at for at, file in enumerate(files) if file == RUNNER), default=-1)
    if runner < 0 and _is_cut(lines, frames):
        yield "  … frames further out are left out …\n"
    linecache.checkcache()
    yield from traceback.StackSummary.from_list(
        [traceback.FrameSummary(*frame, lookup_line=False) for frame in frames[_first(files, runner) :]]
    ).format()


def _is_cut(lines: list[str], frames: list[tuple[str, int, str]]) -> bool:
    """Whether frames further out are missing. Python 3.13 leaves them out without a word."""
    if any(line.strip() in _ENDLESS for line in lines):
        return True
    return len(frames) >= MOST_FRAMES and frames[0][2] not in _OUTERMOST


def _first(files: list[str], runner: int) -> int:
    """The first frame behind the runner that is not the engine's; the runner if there is none; else the outermost."""
    theirs = (at for at in range(runner + 1, len(files)) if not files[at].startswith(ENGINE))
    return next(theirs, runner) if runner >= 0 else 0


_OUTERMOST: Final = frozenset({"_bootstrap", "<module>"})  # what a whole stack of a thread begins with
_ENDLESS: Final = frozenset({"...", _CUT.strip()})  # what Python, and `cut`, write for frames that are left out
