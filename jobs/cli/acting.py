"""What a shell changes: one thing after the other, each on record in the audit trail."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from jobs import trail
from jobs.errors import JobNotFound, QueueFlowError, StoreError
from jobs.ids import checked_id
from jobs.inspector import Inspector
from jobs.steering import Steering
from jobs.store.store import Store

from .errors import Exit, NotFound, UsageError
from .printable import safe
from .screen import Screen

FATAL = (StoreError, trail.TrailUnavailable)  # these would be the same for the next one


def one_by_one(screen: Screen, ids: Sequence[str], act: Callable[[str], None]) -> int:
    """Act on each, and go on after a refusal. Returns the exit code: done, refused, or not found if nothing else was.

    Raises what would be the same for all of them: StoreError, TrailUnavailable.
    """
    codes = set()
    for each in ids:
        try:
            act(each)
        except FATAL:
            raise
        except (QueueFlowError, NotFound) as error:
            screen.note(safe(str(error)))
            codes.add(Exit.NOT_FOUND if isinstance(error, JobNotFound | NotFound) else Exit.REFUSED)
    return min(codes, default=Exit.DONE)


def add_reason(parser: ArgumentParser) -> None:
    """The argument that says why."""
    parser.add_argument("--reason", default="", metavar="TEXT", help="why, for those who look later")


@contextmanager
def on_record(action: trail.Action, target: str, reason: str = "", **detail: bool) -> Iterator[None]:
    """Put what the block does to one thing on record. Raises TrailUnavailable before it runs."""
    with trail.entry(actor=trail.shell(), action=action, target=target, reason=reason, detail=detail) as entry:
        yield
        entry.count = 1


def retry(store: Store, job_id: str, payload: bytes | None, reason: str) -> None:
    """Retry one dead job, if wished with another payload."""
    known_form(job_id)
    if payload is None:
        with on_record(trail.Action.JOB_RETRY, job_id, reason):
            Steering(store).retry(job_id)
    else:
        with on_record(trail.Action.JOB_EDIT_PAYLOAD, job_id, reason, payloadReplaced=True):
            Steering(store).retry(job_id, payload)


def report(screen: Screen, store: Store, job_id: str, what: str, *, as_json: bool) -> None:
    """Say what has become of a job; in JSON the job, as the REST interface answers."""
    if as_json:
        screen.document(Inspector(store).job(job_id))
    else:
        screen.line(f"{job_id} {what}")


def agreed(screen: Screen, deed: str, *, yes: bool) -> bool:
    """Whether a person agrees to a deed, like `delete 3 jobs`; `yes` has agreed already.

    Raises UsageError where there is nobody to ask.
    """
    if yes:
        return True
    answer = screen.confirm(f"{deed[0].upper()}{deed[1:]}?")
    if answer is None:
        raise UsageError(f"this would {deed}: to do it, give --yes")
    if not answer:
        screen.note("Nothing was done.")
    return answer


def known_form(job_id: str) -> str:
    """The id. Raises JobNotFound for one that no job can have."""
    try:
        return checked_id(job_id)
    except QueueFlowError as error:
        raise JobNotFound(job_id) from error


def who() -> str:
    """Who runs this command, as the audit trail and operations name them: shell:ada."""
    return trail.shell().id
