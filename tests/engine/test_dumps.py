"""When a supervisor looks into a worker, and what it makes of what it finds."""

from __future__ import annotations

import faulthandler
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from jobs.worker.dump import SIGNAL, Dump
from jobs.worker.dumped import MOST_BYTES, cut, lines_of_dump, section_of
from jobs.worker.dumps import Dumps
from jobs.worker.link import Link
from jobs.worker.member import Member
from jobs.worker.table import Table
from tests.engine.parts import INCARNATION
from tests.support.polling import wait_until

TOKEN = f"{INCARNATION}.1"


class Looking:
    """A supervisor of one worker, which may be this process itself."""

    def __init__(self, pid: int) -> None:
        self.table = Table.create(8)
        self.table.adopt(INCARNATION)
        self.members = {pid: Member(pid, self.table, Link.pair()[0], 0)}
        self.dumps = Dumps(self.members)

    def stand_still(self, seconds: float = 5.0) -> None:
        """Its main thread was last seen alive so long ago."""
        self.table.beat(monotonic() - seconds)

    def begin(self, job: str, thread: int) -> int:
        """A job runs in a thread."""
        return self.table.begin(1, job.encode(), 0.0, 1e12, thread)

    def ask(self, job: str, ticket: str = "t", token: str = TOKEN) -> dict[str, Any] | None:
        """What is said at once."""
        return self.dumps.ask({"ticket": ticket, "token": token, "job": job})

    def answers(self) -> list[dict[str, Any]]:
        """What is said in the end."""
        return wait_until(self.dumps.answers)


@pytest.fixture
def looking() -> Iterator[Looking]:
    """Give a supervisor whose worker is this process."""
    looking = Looking(os.getpid())
    Dump(looking.table).enable()
    yield looking
    faulthandler.unregister(SIGNAL)
    looking.table.close()


@pytest.fixture
def thread() -> Iterator[threading.Thread]:
    """Give a thread that waits."""
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    yield thread
    end.set()
    thread.join()


class TestAnswers:
    def test_a_job_is_shown_by_its_thread(self, looking: Looking, thread: threading.Thread) -> None:
        looking.begin("job", thread.ident or 0)
        looking.stand_still()
        assert looking.ask("job") is None
        assert looking.dumps
        [answer] = looking.answers()
        assert not looking.dumps
        assert (answer["dump"], answer["state"], answer["beside"]) == ("t", "running", 0)
        assert answer["text"].count("Thread 0x") == 1
        assert "in wait" in "\n".join(lines_of_dump(answer["text"]))

    def test_several_questions_need_one_look(self, looking: Looking, thread: threading.Thread) -> None:
        looking.begin("one", thread.ident or 0)
        looking.begin("two", thread.ident or 0)
        looking.stand_still()
        for ticket, job in (("a", "one"), ("b", "two"), ("c", "one")):
            assert looking.ask(job, ticket) is None
        answers = looking.answers()
        assert [answer["dump"] for answer in answers] == ["a", "b", "c"]
        assert {(answer["text"], answer["beside"]) for answer in answers} == {(answers[0]["text"], 1)}

    def test_a_job_whose_thread_is_not_there_shows_all(self, looking: Looking, thread: threading.Thread) -> None:
        looking.begin("job", 12345)
        looking.stand_still()
        looking.ask("job")
        [answer] = looking.answers()
        lines = lines_of_dump(answer["text"])
        assert lines[0] == "Its thread cannot be told from the others:"
        assert {f"Thread {thread.ident}:", f"Thread {threading.get_ident()}:"} <= set(lines)

    def test_nothing_is_left_in_the_memory(self, looking: Looking, thread: threading.Thread) -> None:
        before = os.fstat(looking.table.fd).st_size
        looking.begin("job", thread.ident or 0)
        for _ in range(3):
            looking.stand_still()
            looking.ask("job")
            assert looking.answers()[0]["state"] == "running"
            assert os.fstat(looking.table.fd).st_size == before
        assert [entry.job_id for entry in looking.table.entries()] == ["job"]

    def test_a_job_that_has_not_started_waits(self, looking: Looking) -> None:
        assert looking.ask("job") == {"dump": "t", "state": "waiting"}

    def test_a_job_that_has_ended_is_gone(self, looking: Looking) -> None:
        looking.table.end(looking.begin("job", 1), False)
        assert looking.ask("job") == {"dump": "t", "state": "gone"}

    def test_the_worker_of_another_supervisor_is_not_known(self, looking: Looking) -> None:
        assert looking.ask("job", token="feed.1") == {"dump": "t", "state": "silent"}

    def test_nonsense_has_no_answer(self, looking: Looking) -> None:
        assert looking.dumps.ask({"ticket": 7}) is None
        assert not looking.dumps


class TestSilence:
    def test_a_worker_that_runs_python_is_left_alone(self, looking: Looking) -> None:
        looking.begin("job", threading.get_ident())
        looking.stand_still(0.0)
        assert looking.ask("job") == {"dump": "t", "state": "silent"}
        assert Dump(looking.table).read() == ""

    def test_a_worker_that_writes_nothing_is_given_up(self, looking: Looking) -> None:
        faulthandler.register(SIGNAL, file=2)  # as a handler may do
        looking.begin("job", threading.get_ident())
        looking.stand_still()
        looking.ask("job")
        assert looking.answers() == [{"dump": "t", "state": "silent"}]

    def test_a_worker_that_has_gone_meanwhile_is_given_up(self, looking: Looking) -> None:
        looking.begin("job", threading.get_ident())
        looking.stand_still()
        looking.ask("job")
        looking.members.clear()
        assert looking.dumps.answers() == [{"dump": "t", "state": "silent"}]

    def test_a_process_that_is_stopped_gets_no_signal(self) -> None:
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
            looking = Looking(child.pid)
            looking.begin("job", 1)
            looking.stand_still()
            child.send_signal(signal.SIGSTOP)
            status = Path(f"/proc/{child.pid}/status")
            wait_until(lambda: "State:\tT" in status.read_text())
            assert looking.ask("job") == {"dump": "t", "state": "silent"}
            assert "ShdPnd:\t0000000000000000" in status.read_text()
            child.kill()
        looking.table.close()


class TestText:
    DUMP = (
        "Thread 0x00000000000000aa (most recent call first):\n"
        '  File "/x/inner.py", line 3 in f\n'
        '  File "/x/outer.py", line 9 in <module>\n'
        "\n"
        "Thread 0x00000000000000bb [slot-1] (most recent call first):\n"
        '  File "/x/a, b.py", line 4 in g\n'
        "  ...\n"
        "\n"
        "Current thread 0x00000000000000cc (most recent call first):\n"
        '  File "/x/main.py", line 1 in <module>\n'
    )

    def test_the_line_that_runs_comes_last(self) -> None:
        section = section_of(self.DUMP, 0xAA)
        assert section is not None
        assert lines_of_dump(section, "it") == [
            "it:", '  File "/x/outer.py", line 9, in <module>', '  File "/x/inner.py", line 3, in f'
        ]  # fmt: skip

    def test_what_python_left_out_is_said(self) -> None:
        section = section_of(self.DUMP, 0xBB)
        assert section is not None
        assert lines_of_dump(section) == [
            "  … frames further out are left out …", '  File "/x/a, b.py", line 4, in g'
        ]  # fmt: skip

    def test_what_python_left_out_without_a_word_is_said_too(self) -> None:
        def lines(frames: int, outermost: str = "f") -> list[str]:
            inner = "".join(f'  File "/x/a.py", line {line} in f\n' for line in range(1, frames))
            text = f'Thread 0x000000aa (most recent call first):\n{inner}  File "/x/a.py", line 1 in {outermost}\n'
            return lines_of_dump(text)

        said = "  … frames further out are left out …"
        assert [lines(count)[0] == said for count in (99, 100)] == [False, True]
        assert [lines(100, outermost)[0] == said for outermost in ("_bootstrap", "<module>")] == [False, False]

    def test_the_last_section_may_not_be_whole(self) -> None:
        assert section_of(self.DUMP, 0xCC) is None
        assert section_of(self.DUMP[:150], 0xAA) is None
        assert section_of("", 0xAA) is None

    def test_several_threads_are_told_apart_by_their_numbers(self) -> None:
        titles = [line for line in lines_of_dump(self.DUMP) if line.startswith("Thread")]
        assert titles == ["Thread 170:", "Thread 187:", "Thread 204:"]

    def test_a_long_text_keeps_what_runs(self) -> None:
        text = self.DUMP[:60] + "".join(f'  File "/{"x" * 400}.py", line {line} in f\n' for line in range(1, 101))
        short = cut(text)
        assert len(short.encode()) <= MOST_BYTES
        assert short.startswith(text[:5000])
        lines = lines_of_dump(short)
        assert lines[0] == "  … frames further out are left out …"
        assert lines[-1].endswith('.py", line 1, in f')

    def test_text_that_is_no_dump_has_no_lines(self) -> None:
        assert lines_of_dump("nonsense\n\x00") == []
