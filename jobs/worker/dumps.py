"""Reads where a job is from outside its worker, when the worker itself cannot say it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any, Final

import msgspec

from .dump import Dump
from .dumped import cut, section_of
from .link import Message
from .member import Member
from .table import Entry, Mark

STANDS_STILL: Final = 0.9  # seconds without a beat (there are ten a second): by then no Python can be running
SETTLED: Final = 0.1  # seconds without another line after which a dump is over
GIVEN_UP: Final = 0.5  # seconds after which one that has not begun never will
LOOK_EVERY: Final = 0.01  # seconds between two looks at one that is being written


class Question(msgspec.Struct, frozen=True):
    """Where is the job that this token claimed? `ticket` is for whoever asks."""

    ticket: str
    token: str
    job: str


class _Reading(msgspec.Struct):
    """A worker that was told to write. `text` is what it had written when that last grew, at the instant `grew`."""

    member: Member
    dump: Dump
    begun: float
    grew: float
    questions: list[tuple[Question, Entry]]
    text: str = ""


class Dumps:
    """The questions to one supervisor. `members` are its workers by pid.

    A worker is only made to write while its main thread stands still: that writing reads the stacks of all threads
    without any lock, which is safe as long as none of them runs Python. Each question has one answer, as
    `jobs.worker.link` defines it.
    """

    def __init__(self, members: Mapping[int, Member]) -> None:
        self._members = members
        self._readings: dict[int, _Reading] = {}

    def __bool__(self) -> bool:
        """True while somebody waits."""
        return bool(self._readings)

    def ask(self, words: Any) -> Message | None:
        """The answer if there is one at once; else `answers` will return it."""
        try:
            question = msgspec.convert(words, Question)
        except msgspec.ValidationError:
            return None
        incarnation = question.token.partition(".")[0]
        member = next((each for each in self._members.values() if each.table.incarnation == incarnation), None)
        if member is None:
            return _answer(question, "silent")
        entry = next((each for each in member.table.entries() if _is_of(each, question)), None)
        if entry is None:
            return _answer(question, "waiting")  # it has no entry before it starts
        if entry.mark is not Mark.RUNNING:
            return _answer(question, "gone")
        if member.pid not in self._readings and not self._begin(member):
            return _answer(question, "silent")
        self._readings[member.pid].questions.append((question, entry))
        return None

    def answers(self) -> list[Message]:
        """What has been found out."""
        now, found = monotonic(), []
        for pid, reading in list(self._readings.items()):
            found += _answers(reading, now, gone=self._members.get(pid) is not reading.member)
            if not reading.questions:
                del self._readings[pid]
        return found

    def _begin(self, member: Member) -> bool:
        now = monotonic()
        if now - member.table.pulse < STANDS_STILL or _is_stopped(member.pid):
            return False
        dump = Dump(member.table)
        dump.request(member.pid)
        self._readings[member.pid] = _Reading(member, dump, now, now, [])
        return True


def _answers(reading: _Reading, now: float, *, gone: bool) -> list[Message]:
    """Answers to all questions about a worker whose dump is whole or will not come, which are then none any more."""
    text = "" if gone else reading.dump.read()
    if len(text) != len(reading.text):
        reading.text, reading.grew = text, now
    over = gone or (now - reading.grew >= SETTLED if text else now - reading.begun >= GIVEN_UP)
    found = [(question, entry, section_of(text, entry.thread)) for question, entry in reading.questions]
    if not over and not all(section for _, _, section in found):
        return []
    reading.questions = []
    if gone or not text:
        return [_answer(question, "silent") for question, _, _ in found]
    reading.dump.clear()
    entries = [entry for entry in reading.member.table.entries() if entry.mark is Mark.RUNNING]
    return [
        _answer(
            question,
            "running",
            text=cut(text) if section is None else section,
            beside=sum(other.thread == entry.thread for other in entries) - 1,
        )
        for question, entry, section in found
    ]


def _answer(question: Question, state: str, **more: object) -> Message:
    return {"dump": question.ticket, "state": state, **more}


def _is_of(entry: Entry, question: Question) -> bool:
    return (entry.token, entry.job_id) == (question.token, question.job)


def _is_stopped(pid: int) -> bool:
    """Whether a signal would only be heard when the process goes on, in the middle of whatever it does then."""
    with suppress(OSError, IndexError):
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(") ")[2][0] in "Tt"
    return False
