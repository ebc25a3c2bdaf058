"""Where a running job is right now: asked of its worker, then of its supervisor; known in two seconds or not at all."""

from __future__ import annotations

from typing import Annotated, Final

from jobs.errors import JobNotFound, UnreadableRecord, WorkerSilent, WrongState
from jobs.states import State
from jobs.store.store import Store
from jobs.types import JobRecord

from .wire import Wire, about, words

ANSWER_SECONDS: Final = 1.7  # 1.02 of them for the worker alone


class JobStack(Wire, frozen=True):
    """The Python stack of a job."""

    job_id: Annotated[str, about("The job's id")]
    type: Annotated[str, about("What kind of job it is")]
    worker: Annotated[str, about("The worker that runs it")]
    waiting: Annotated[bool, about("It has been claimed and not started: there are no lines")]
    lines: Annotated[
        list[str],
        about(
            "Files, line numbers and code, no values, at most 32 KiB; the line that runs comes last. Code in C shows "
            "as the line that called it; what an asynchronous job awaits follows it"
        ),
    ]
    source: Annotated[
        str,
        words("StackSource", ("worker", "supervisor")),
        about(
            "Who has read it: the worker itself, or its supervisor, because code in C of some job holds the worker's "
            "interpreter. The latter sees threads, at most 100 frames of each: no tasks"
        ),
    ]


def stack_of(store: Store, job_id: str, seconds: float = ANSWER_SECONDS) -> JobStack:
    """The stack of an active job. Waits for its worker and its supervisor for `seconds`.

    Raises JobNotFound, UnreadableRecord, WrongState when nobody runs the job, WorkerSilent when neither
    answers in time, StoreUnavailable and its kin.
    """
    record = _active(store, job_id)
    answer = store.stacks.ask(job_id, record, seconds)
    if answer is None or answer.state == "gone" or (answer.source == "supervisor" and answer.state == "waiting"):
        _active(store, job_id)  # it may have ended meanwhile
    if answer is None or answer.state == "gone":
        raise WorkerSilent(_why(record.worker, seconds) if answer is None else _elsewhere(record.worker))
    return JobStack(
        job_id=job_id,
        type=record.type,
        worker=record.worker,
        waiting=answer.state == "waiting",
        lines=answer.lines,
        source=answer.source,
    )


def _active(store: Store, job_id: str) -> JobRecord:
    rows = store.browser.rows([job_id])
    if not rows:
        raise JobNotFound(job_id)
    record = rows[0].record
    if record is None:
        raise UnreadableRecord(job_id, "record")
    if record.state is not State.ACTIVE:
        raise WrongState(job_id, "inspect", record.state.label)
    return record


def _why(worker: str, seconds: float) -> str:
    return (
        f"worker {worker} did not answer within {seconds:g} s, nor could its supervisor say where the job is: "
        "its process is gone, stopped or overloaded"
    )


def _elsewhere(worker: str) -> str:
    return f"worker {worker} does not have the job in its hands: ask again"
