"""What a handler sees of its job, and what it reports."""

import asyncio
import copy
import inspect
import json
import subprocess
import sys
import threading
from contextvars import copy_context
from datetime import UTC, datetime

import pytest
from django.conf import settings

from jobs import current_job
from jobs.handlers import use_job
from jobs.handlers.context import JobContext
from jobs.states import State
from jobs.types import Claim, Envelope, JobRecord, Priority


class Reports:
    def __init__(self):
        self.all = []

    def progress(self, percent, message):
        self.all.append((percent, message))

    def log(self, lines):
        self.all.extend(lines)

    def metric(self, series, value):
        self.all.append((series, value))


def record(**changes):
    values = {
        "state": State.ACTIVE,
        "type": "resize",
        "queue": "images",
        "priority": Priority.HIGH,
        "created": 1_767_323_045_678,
        "position": 1,
        "ready": 0,
        "attempts": 2,
        "max_retries": 3,
        "executions": 5,
        "worker": "w-1",
    }
    return JobRecord(**{**values, **changes})


@pytest.fixture
def reports():
    return Reports()


@pytest.fixture
def job(reports):
    return JobContext(Claim("j-1", "t.1", record(), Envelope(b"{}", 1000, tags=("a",))), reports)


def test_a_job_knows_itself(job):
    assert (job.id, job.type, job.queue, job.priority, job.tags) == ("j-1", "resize", "images", Priority.HIGH, ("a",))
    assert (job.attempt, job.max_retries, job.execution, job.worker) == (2, 3, 5, "w-1")
    assert job.created_at == datetime(2026, 1, 2, 3, 4, 5, 678_000, UTC)
    assert repr(job) == "<Job j-1 resize attempt 2>"


@pytest.mark.parametrize(("attempt", "last"), [(1, False), (3, False), (4, True)])
def test_the_last_attempt_is_the_one_after_the_last_retry(reports, attempt, last):
    made = JobContext(Claim("j", "t", record(attempts=attempt), None), reports)
    assert made.is_last_attempt is last
    assert made.tags == ()


@pytest.mark.parametrize(
    ("percent", "kept"), [(0, 0.0), (33.3, 33.3), (100, 100.0), (-1, 0.0), (250, 100.0), (float("inf"), 100.0)]
)
def test_progress_is_kept_between_0_and_100(job, reports, percent, kept):
    job.update_progress(percent, "on it")
    assert reports.all == [(kept, "on it")]


def test_progress_that_is_no_number_is_refused(job, reports):
    with pytest.raises(ValueError, match="not NaN"):
        job.update_progress(float("nan"))
    with pytest.raises(TypeError):
        job.update_progress("half")
    assert reports.all == []


@pytest.mark.parametrize("unit", ["x", "é", "😀"])
def test_lines_are_cut_to_a_kibibyte_between_characters(job, reports, unit):
    job.log(unit * 2000)
    job.update_progress(1, unit * 2000)
    line, (_, message) = reports.all
    lines = [line, message]
    assert all(1020 <= len(line.encode()) <= 1024 and line.endswith("…") for line in lines)


def test_what_cannot_be_stored_is_replaced_in_lines(job, reports):
    job.log("half \ud800 a character")
    job.log({"not": "text"})
    assert reports.all == ["half ? a character", "{'not': 'text'}"]


def test_each_line_of_a_text_is_cut_by_itself_and_the_last_200_count(job, reports):
    job.log("\n".join(f"{number} " + "x" * 2000 for number in range(500)))
    assert [len(line.encode()) for line in reports.all] == [1024] * 200
    assert reports.all[0].startswith("300 ")
    reports.all.clear()
    job.log("")
    assert reports.all == [""]


def test_current_job_is_the_job_that_runs_here(job):
    with use_job(job):
        assert current_job
        assert (current_job.id, repr(current_job)) == ("j-1", repr(job))
        current_job.update_progress(1)
    assert not current_job


def test_jobs_may_be_nested_and_the_outer_one_comes_back(job, reports):
    inner = JobContext(Claim("inner", "t", record(), None), reports)

    def fail():
        with use_job(inner):
            assert current_job.id == "inner"
            raise KeyError

    with use_job(job):
        with pytest.raises(KeyError):
            fail()
        assert current_job.id == "j-1"
    with pytest.raises(RuntimeError):
        _ = current_job.id


def test_outside_of_a_job_current_job_says_what_is_wrong():
    with pytest.raises(RuntimeError, match=r"current_job\.update_progress: no job runs here"):
        current_job.update_progress(5)
    assert repr(current_job) == "<no current job>"


def test_a_job_cannot_be_changed_through_current_job(job):
    with use_job(job), pytest.raises(AttributeError, match="attempt cannot be set"):
        current_job.attempt = 1  # type: ignore[misc]


def test_tools_may_look_at_current_job_outside_of_a_job():
    assert inspect.unwrap(current_job) is current_job  # type: ignore[arg-type]
    assert not callable(current_job)
    assert repr(copy.copy(current_job)) == "<no current job>"


def test_each_task_has_its_own_job_and_helpers_inherit_it(reports):
    def name():
        return current_job.id

    async def run(job_id):
        with use_job(JobContext(Claim(job_id, "t", record(), None), reports)):
            await asyncio.sleep(0)
            return job_id, current_job.id, await asyncio.to_thread(name)

    async def all_of_them():
        return await asyncio.gather(*(run(f"j-{number}") for number in range(20)))

    assert all(mine == here == helper for mine, here, helper in asyncio.run(all_of_them()))


def test_another_thread_knows_the_job_only_in_a_copied_context(job):
    seen = []

    def look():
        seen.append(bool(current_job))

    with use_job(job):
        threads = [threading.Thread(target=look), threading.Thread(target=copy_context().run, args=(look,))]
        for thread in threads:
            thread.start()
            thread.join()
    assert seen == [False, True]


LOGGING = """
from jobs import logs
logs.configure(logs.logging_config("INFO", "json"))
from tests.unit.test_context import JobContext, Claim, Reports, record
JobContext(Claim("j-1", "t.1", record(), None), Reports()).logger.info("resized", width=5)
"""


def test_lines_of_the_jobs_logger_name_the_job():
    command = [sys.executable, "-c", LOGGING]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True)
    line = json.loads(done.stderr)
    assert (line["event"], line["width"], line["logger"]) == ("resized", 5, "jobs.handler")
    assert (line["jobId"], line["type"], line["attempt"], line["worker"]) == ("j-1", "resize", 2, "w-1")
