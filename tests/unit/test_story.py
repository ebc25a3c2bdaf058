"""A job's story: each gap explained, each execution in a line."""

from typing import Any

import msgspec

from jobs.inspection.detail import Attempt, BackoffView, JobView, OptionsView
from monitoring.story import Hold, story_of

OPTIONS = OptionsView(
    priority="high", queue="mail", max_retries=3, timeout=30_000, deduplication_key=None, tags=[], backoff=None,
    retention=None,
)  # fmt: skip


def at(seconds: float) -> str:
    return f"2026-01-01T00:{int(seconds) // 60:02}:{seconds % 60:06.3f}Z"


def job(**fields: Any) -> JobView:
    usual = {"type": "send", "queue": "mail", "created_at": at(0), "executions": len(fields.get("attempts", []))}
    return JobView(**{"job_id": "j", "unreadable": [], "options": OPTIONS, **usual, **fields})


def execution(number: int, claimed: float, ended: float, outcome: str, **fields: Any) -> Attempt:
    return Attempt(
        number=number, attempt=number, worker="w", claimed_at=at(claimed), started_at=at(claimed), ended_at=at(ended),
        duration=round((ended - claimed) * 1000), outcome=outcome, **fields,
    )  # fmt: skip


def told(view: JobView, now: float, hold: Hold | None = None) -> list[str]:
    steps = story_of(view, at(now), hold) if hold else story_of(view, at(now))
    return [f"· {step.title}" if step.is_gap else step.title for step in steps]


def details(view: JobView, now: float) -> list[str]:
    return [step.detail for step in story_of(view, at(now))]


def test_waits_retries_and_the_end_are_told():
    attempts = [execution(1, 2, 5.2, "failed", error="ValueError"), execution(2, 7, 7.5, "completed")]
    view = job(status="completed", attempts=attempts, run_at=at(6.5), finished_at=at(7.5))
    assert told(view, 60) == [
        "Enqueued on mail, high priority", "· Waited to begin: 2.0 s", "Attempt 1 of 4 failed after 3.2 s",
        "· Waited out the retry delay: 1.3 s", "· Waited for a worker: 500 ms", "Attempt 2 of 4 completed after 500 ms",
    ]  # fmt: skip
    assert details(view, 60)[1] == "any delay that it had, and the wait for a worker"


def test_a_delay_is_told_from_the_wait_for_a_worker():
    view = job(status="completed", attempts=[execution(1, 60.004, 60.1, "completed")], run_at=at(60))
    assert told(view, 70)[1:3] == ["· Waited for its time: 1 min", "· Waited for a worker: 4 ms"]
    at_once = job(status="completed", attempts=[execution(1, 2, 3, "completed")], run_at=at(0))
    assert told(at_once, 70)[1:] == ["· Waited for a worker: 2.0 s", "Attempt 1 of 4 completed after 1.0 s"]
    due = job(status="pending", run_at=at(60))
    assert told(due, 90)[1:] == ["· Waited for its time: 1 min", "· Waits for a worker: 30 s so far"]


def test_of_earlier_retries_no_more_is_said_than_is_known():
    attempts = [execution(1, 0, 1, "failed"), execution(2, 4, 5, "timed_out"), execution(3, 9, 10, "completed")]
    view = job(status="completed", attempts=attempts, run_at=at(8))
    assert told(view, 60)[2:] == [
        "· Waited for the next attempt: 3.0 s", "Attempt 2 of 4 timed out after 1.0 s",
        "· Waited out the retry delay: 3.0 s", "· Waited for a worker: 1.0 s", "Attempt 3 of 4 completed after 1.0 s",
    ]  # fmt: skip
    assert details(view, 60)[2] == "the retry delay and the wait for a worker"


def test_a_job_that_was_tried_again_had_been_dead():
    again = msgspec.structs.replace(execution(5, 50, 51, "completed"), attempt=1)
    attempts = [execution(4, 1, 2, "failed"), again]
    assert told(job(status="completed", attempts=attempts, executions=5, run_at=at(49)), 60)[3:5] == [
        "· Dead until it was tried again: 47 s", "· Waited for a worker: 1.0 s",
    ]  # fmt: skip
    waiting = job(status="pending", attempts=attempts[:1], executions=4, attempts_made=0, run_at=at(49))
    assert told(waiting, 60)[3:] == ["· Dead until it was tried again: 47 s", "· Waits for a worker: 11 s so far"]


def test_a_retry_to_come_has_its_time():
    view = job(status="retrying", attempts=[execution(1, 0, 1, "failed")], run_at=at(9))
    last = story_of(view, at(2))[-1]
    assert (last.title, last.at, last.due, last.state) == ("Next attempt", at(9), True, "retrying")
    assert last.detail == ""
    backoff = BackoffView(base=1000, factor=2.0, max=60_000, jitter=0.1)
    growing = msgspec.structs.replace(view, options=msgspec.structs.replace(OPTIONS, backoff=backoff))
    assert details(growing, 2)[-1] == "the wait grows with each attempt"
    assert details(growing, 10)[-1] == ""  # it is due


def test_a_dead_job_says_which_of_both_reasons_it_has():
    spent = job(status="dead", attempts=[execution(4, 0, 1, "failed")], executions=4)
    assert details(spent, 9)[-1] == "no attempt is left"
    final = job(status="dead", attempts=[execution(1, 0, 1, "failed")], executions=1)
    assert details(final, 9)[-1] == "its error forbids another attempt; 3 attempts unspent"


def test_a_pending_job_says_for_how_long_and_why():
    view = job(status="pending", run_at=at(0))
    assert told(view, 40)[-1] == "· Waits for a worker: 40 s so far"
    assert told(view, 40, Hold(queue_paused=True))[-1].endswith(". The queue mail is paused")
    assert told(view, 40, Hold(type_paused=True))[-1].endswith(". Jobs of type send are paused")
    assert told(view, 40, Hold(queue_paused=True, since=at(28)))[-1].endswith(" is paused, for 12 s so far")
    assert told(view, 40, Hold(workers=0))[-1].endswith(". No worker serves mail")
    assert told(view, 40, Hold(workers=2))[-1] == "· Waits for a worker: 40 s so far"


def test_what_costs_no_attempt_is_counted_as_an_execution():
    attempts = [execution(1, 0, 1, "released"), execution(2, 3, 4, "snoozed")]
    view = job(status="scheduled", attempts=attempts, run_at=at(90))
    assert told(view, 10)[1:] == [
        "Execution 1 was given back unfinished after 1.0 s", "· Waited for another worker, at no cost: 2.0 s",
        "Execution 2 was put off by its handler after 1.0 s", "· Put off until",
    ]  # fmt: skip


def test_executions_that_history_dropped_are_said():
    view = job(status="dead", attempts=[execution(25, 50, 51, "failed")], executions=25, finished_at=at(51))
    assert told(view, 60)[1:] == [
        "· 24 earlier executions are no longer kept", "Attempt 25 of 4 failed after 1.0 s", "Dead",
    ]  # fmt: skip


def test_a_running_execution_lasts_until_now():
    running = msgspec.structs.replace(execution(1, 1, 1, "running"), ended_at=None, duration=None)
    assert told(job(status="active", attempts=[running]), 13)[-1] == "Attempt 1 of 4 runs for 12 s"


def test_a_clock_that_was_set_back_makes_no_negative_wait():
    assert told(job(status="completed", attempts=[execution(1, 0, 1, "completed")], created_at=at(5)), 9) == [
        "Enqueued on mail, high priority", "Attempt 1 of 4 completed after 1.0 s",
    ]  # fmt: skip
