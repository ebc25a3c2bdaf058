"""Bulk operations from a shell: asked for, confirmed, started, followed until they are over."""

from __future__ import annotations

import time
from argparse import ArgumentParser, ArgumentTypeError
from typing import Final

import msgspec

from jobs import trail
from jobs.access.redacting import named_on_record, on_record
from jobs.api.answers import operation_view
from jobs.filtering import JobFilter
from jobs.inspector import MOST_ITEMS, Inspector
from jobs.maintenance.bulk import NAME as DUTY
from jobs.states import State
from jobs.store.operation import Action, Operation, Status
from jobs.store.store import Store
from jobs.words import lasting, several

from .acting import add_reason, agreed, who
from .command import Options
from .errors import Exit
from .printable import safe
from .screen import Screen

LOOK_SECONDS: Final = (0.1, 1.0)  # the first pause between two looks, and the longest
PATIENCE_SECONDS: Final = 3.0  # with an operation that nobody works on
SHOWN: Final = 5  # of the jobs that were left alone
_DOING: Final = {
    Action.RETRY: ("retry", "Retrying", "Retried"),
    Action.DELETE: ("delete", "Deleting", "Deleted"),
    Action.CANCEL: ("cancel", "Cancelling", "Cancelled"),
    Action.PURGE: ("delete", "Purging", "Deleted"),
}


class Bulk(msgspec.Struct, frozen=True):
    """What to do with which jobs; `record` and `target` are for the audit trail.

    `noun` is what one is called, `where` follows it. `count` is how many there are, None where one has to look.
    """

    action: Action
    wanted: JobFilter
    noun: str
    record: trail.Action
    target: str = ""
    where: str = ""
    count: int | None = None


def add_bulk(parser: ArgumentParser) -> None:
    """The arguments of every bulk operation that is not about single jobs."""
    parser.add_argument("--all", action="store_true", help="all of them")
    add_operation(parser)


def add_operation(parser: ArgumentParser) -> None:
    """The arguments of every bulk operation."""
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--rate", type=_rate, default=0.0, metavar="N", help="at most so many jobs a second")
    add_reason(parser)
    parser.add_argument("--no-wait", action="store_true", help="only start it, and do not wait for its end")


def run_bulk(screen: Screen, store: Store, bulk: Bulk, options: Options) -> int:
    """Ask, start, follow, report. Returns the exit code; raises UsageError where there is nobody to ask."""
    estimate = _estimate(store, bulk)
    if estimate is None:
        screen.note(f"No {bulk.noun}{bulk.where or ' matches'}: nothing to do.")
        return Exit.DONE
    if not agreed(screen, f"{_DOING[bulk.action][0]} {estimate}{bulk.where}", yes=options["yes"]):
        return Exit.REFUSED
    operation = _start(store, bulk, options)
    if not options["no_wait"]:
        operation = _follow(screen, store, operation)
    return _report(screen, operation, bulk.noun, as_json=options["json"])


def _estimate(store: Store, bulk: Bulk) -> str | None:
    """How many jobs are meant, in words, as far as one look tells; None for none."""
    if bulk.count is not None:
        return several(bulk.count, bulk.noun) if bulk.count else None
    page = Inspector(store).jobs(bulk.wanted, MOST_ITEMS)
    found = len(page.items)
    if page.searched.complete:
        return several(found, bulk.noun) if found else None
    whole = bulk.wanted.criteria - {"states"} in (set(), {"types"}, {"fingerprints"})
    if whole and bulk.wanted.states == (State.DEAD,):  # the index that was looked at holds nothing else
        return several(page.searched.of, bulk.noun)
    return f"{found:,} or more {bulk.noun}s" if found else f"those of {several(page.searched.of, 'job')} that match"


def _start(store: Store, bulk: Bulk, options: Options) -> Operation:
    detail = {"action": bulk.action.value, "filter": on_record(bulk.wanted, store.config)}
    with trail.entry(
        actor=trail.shell(), action=bulk.record, target=bulk.target, reason=options["reason"], detail=detail
    ) as entry:
        entry.operation_id = store.operations.new_id()
        operation = store.operations.open(
            bulk.action,
            bulk.wanted,
            rate=options["rate"],
            reason=options["reason"],
            started_by=who(),
            operation_id=entry.operation_id,
        )
        entry.detail |= {} if operation.total is None else {"matched": operation.total}
        entry.detail |= named_on_record(operation.errors)
        return operation


def _follow(screen: Screen, store: Store, operation: Operation) -> Operation:
    """The operation when it is over. Ctrl-C leaves it running."""
    pause, most = LOOK_SECONDS
    began = time.monotonic()
    warned = False
    try:
        while not operation.status.is_over:
            screen.progress(_DOING[operation.action][1], operation.done + operation.failed, operation.breadth)
            time.sleep(pause)
            pause = min(1.3 * pause, most)
            operation = store.operations.get(operation.id) or operation
            if not warned and time.monotonic() - began > PATIENCE_SECONDS and not store.browser.leads(DUTY):
                screen.note("Nobody carries it out yet: it begins when a worker pool runs. Ctrl-C leaves it waiting.")
                warned = True
    except KeyboardInterrupt:
        screen.wipe()
        of = "" if operation.total is None else f" of {operation.total:,}"
        screen.note(f"Operation {operation.id} goes on without you; {operation.done:,}{of} jobs are done.")
        raise
    finally:
        screen.clear()
    return operation


def _report(screen: Screen, operation: Operation, noun: str, *, as_json: bool) -> int:
    if as_json:
        screen.document(operation_view(operation))
    elif not operation.status.is_over:
        screen.line(f"Operation {operation.id} has been started.")
    else:
        took = lasting(max(0, operation.finished - operation.created))
        screen.line(f"{_DOING[operation.action][2]} {several(operation.done, noun)} in {took}.")
    if operation.status is Status.ABORTED:
        screen.note(f"It was aborted by {safe(operation.aborted_by) or 'somebody'}.")
    elif operation.status is Status.FAILED:
        screen.note(f"It failed: {safe(operation.error)}")
    if operation.failed:
        screen.note(f"{several(operation.failed, 'job')} had to be left alone:")
        for problem in operation.samples[:SHOWN]:
            screen.note(f"  {problem.job_id}: {safe(problem.detail)}")
    is_good = operation.status in (Status.DONE, Status.RUNNING, Status.COUNTING) and not operation.failed
    return Exit.DONE if is_good else Exit.REFUSED


def _rate(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0 < found <= 100_000:
        raise ArgumentTypeError(f"{text!r}: give jobs a second, more than 0 and at most 100000")
    return found
