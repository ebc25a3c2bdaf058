"""Where running code is, seen from another thread: frames as text, with no value of any variable."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any, Final

from jobs.fingerprint import ENGINE, clean_trace

OUTERMOST: Final = 100  # frames that are shown of a deep stack's two ends
INNERMOST: Final = 300
MOST_STEPS: Final = 100_000
MOST_TASKS: Final = 10  # that wait for each other
MOST_CHILDREN: Final = 10  # of one `gather`
_RUNNER: Final = ENGINE + "worker/runner.py"

Place = tuple[FrameType, int]  # a frame and the line it is at
Stack = tuple[str, list[Place]]  # what it is the stack of ('' = the job itself), outermost first


def thread_stacks(thread: int) -> list[Stack]:
    """The stack of a thread; none when it has ended."""
    frame = sys._current_frames().get(thread)
    places: list[Place] = []
    while frame is not None and len(places) < MOST_STEPS:
        places.append((frame, frame.f_lineno or 0))
        frame = frame.f_back
    return [("", places[::-1])] if places else []


def task_stacks(task: asyncio.Task[Any], thread: int) -> list[Stack]:
    """The stack of a task on the loop of a thread, through everything that it awaits, other tasks included."""
    return list(_stacks_of("", task, thread, [task]))


def lines_of(stacks: Sequence[Stack]) -> list[str]:
    """Files, lines and code, at most 32 KiB, without what the engine did before it called the user's code."""
    text = "".join(part for title, places in stacks for part in _text_of(title, places))
    return clean_trace(text).splitlines()


def _stacks_of(title: str, task: asyncio.Task[Any], thread: int, known: list[asyncio.Task[Any]]) -> Iterator[Stack]:
    coroutine: Any = task.get_coro()
    if getattr(coroutine, "cr_running", False):
        yield from ((title, places) for _, places in thread_stacks(thread))
        return
    yield title, list(_awaited(coroutine))
    for other in _waited_for(task):
        if other not in known and len(known) < MOST_TASKS:
            known.append(other)
            yield from _stacks_of(f"{task.get_name()} waits for {other.get_name()}", other, thread, known)


def _awaited(coroutine: Any) -> Iterator[Place]:
    """The frames of a suspended coroutine and of the coroutines and generators that it waits for."""
    for _ in range(MOST_STEPS):
        frame = next((found for name in _FRAMES if (found := getattr(coroutine, name, None)) is not None), None)
        if frame is None:
            return
        yield frame, frame.f_lineno or 0
        coroutine = next((found for name in _AWAITS if (found := getattr(coroutine, name, None)) is not None), None)


_FRAMES: Final = ("cr_frame", "gi_frame", "ag_frame")
_AWAITS: Final = ("cr_await", "gi_yieldfrom", "ag_await")


def _waited_for(task: asyncio.Task[Any]) -> list[asyncio.Task[Any]]:
    """The tasks that a task awaits: one, or some of those it has gathered."""
    waiter = getattr(task, "_fut_waiter", None)
    children = getattr(waiter, "_children", ())
    return [each for each in (waiter, *children) if isinstance(each, asyncio.Task) and not each.done()][:MOST_CHILDREN]


def _text_of(title: str, places: Sequence[Place]) -> Iterator[str]:
    if title:
        yield f"{title}:\n"
    places = _without_engine(places)
    left_out = len(places) - OUTERMOST - INNERMOST
    if left_out <= 0:
        yield from _formatted(places)
        return
    yield from _formatted(places[:OUTERMOST])
    yield f"  … {left_out:,} frames are left out …\n"
    yield from _formatted(places[-INNERMOST:])


def _formatted(places: Sequence[Place]) -> list[str]:
    return traceback.StackSummary.extract(iter(places)).format()


def _without_engine(places: Sequence[Place]) -> Sequence[Place]:
    """From the first frame behind the runner that is not the engine's; from the runner on if there is none."""
    files = [frame.f_code.co_filename for frame, _ in places]
    runner = max((at for at, file in enumerate(files) if file == _RUNNER), default=-1)
    theirs = next((at for at in range(runner + 1, len(files)) if not files[at].startswith(ENGINE)), None)
    if theirs is None:
        theirs = max(runner, 0)
    return places[theirs:] if runner >= 0 else places
