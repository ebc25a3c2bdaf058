"""Which jobs are meant: the filters of the REST interface as arguments, and single ids."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from jobs.api.bodies.filters import JobsQuery, filter_of
from jobs.clock import to_datetime
from jobs.filtering import JobFilter
from jobs.states import State
from jobs.store.store import Store
from jobs.types import Priority

from .command import Options
from .errors import UsageError

FILTERS: Final = ("type", "queue", "priority", "tag", "error")
INSTANTS: Final = ("created_after", "created_before", "finished_after", "finished_before")
_AGO: Final = re.compile(r"([0-9]{1,9})(s|m|h|d)\Z")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def add_filters(parser: ArgumentParser, *, states: bool = False) -> None:
    """The arguments that restrict which jobs are meant; one that is repeated means or."""
    group = parser.add_argument_group("which jobs", "all must hold; of a repeated one, any of its values")
    if states:
        words = [state.label for state in State]
        group.add_argument("--status", action="append", choices=words, metavar="STATE", help=", ".join(words))
    group.add_argument("--type", action="append", metavar="TYPE", help="the job type")
    group.add_argument("--queue", action="append", metavar="QUEUE", help="the queue")
    words = [priority.label for priority in Priority]
    group.add_argument("--priority", action="append", choices=words, help="the priority")
    group.add_argument("--tag", action="append", metavar="TAG", help="a tag")
    group.add_argument("--error", action="append", metavar="TEXT", help="part of the error, or a fingerprint")
    for name in INSTANTS:
        what, _, side = name.partition("_")
        text = f"{what} {'at or after' if side == 'after' else 'before'} this time, or so long ago (90s, 15m, 2h, 3d)"
        group.add_argument(f"--{what}-{side}", type=moment, metavar="TIME", help=text)
    group.add_argument("--q", metavar="TEXT", help="text in the payload, or the beginning of the id")


def moment(text: str) -> datetime | timedelta:
    """A time with an offset, or how long ago it was."""
    ago = _AGO.match(text)
    if ago:
        return timedelta(seconds=int(ago[1]) * _SECONDS[ago[2]])
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.utcoffset() is None:
        raise ArgumentTypeError(f"{text!r}: give a time with an offset, like 2026-01-31T08:00:00Z, or 90s, 15m, 2h, 3d")
    return found


def selected(options: Options, store: Store) -> JobFilter:
    """The filter that the arguments describe. Raises UsageError for a value that no job can have."""
    asked: dict[str, Any] = {name: options.get(name) or () for name in (*FILTERS, "status")}
    for name in INSTANTS:
        given = options[name]
        if isinstance(given, timedelta):
            given = to_datetime(max(0, store.reader.now_ms() - given // timedelta(milliseconds=1)))
        asked[_camel(name)] = given
    asked["q"] = options["q"] or ""
    try:
        return filter_of(msgspec.convert(asked, JobsQuery))
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `$.")
        raise UsageError(f"--{re.split(r'[`.[]', path)[0]}: {problem.replace('`', '')}") from error


def has_filters(options: Options) -> bool:
    """True where an argument restricts anything."""
    return any(options.get(name) for name in (*FILTERS, "status", *INSTANTS, "q"))


def add_ids(parser: ArgumentParser, many: str) -> None:
    """The argument for job ids; `many` as in argparse."""
    parser.add_argument("ids", nargs=many, metavar="ID", help="job ids; - reads them from standard input")


def chosen_ids(options: Options) -> list[str] | None:
    """The job ids that were given; None where a filter or --all was given instead.

    Raises UsageError for nothing, and for both.
    """
    if bool(options["ids"]) == (has_filters(options) or options["all"]):
        raise UsageError("give either job ids, or filters, or --all for all of them")
    if options["all"] and has_filters(options):
        raise UsageError("--all means all of them: give filters or --all")
    return read_ids(options["ids"]) if options["ids"] else None


def read_ids(given: Sequence[str]) -> list[str]:
    """Ids without repeats; `-` stands for those on standard input, one a line."""
    lines = sys.stdin.read().split() if "-" in given else []
    return list(dict.fromkeys([*(each for each in given if each != "-"), *lines]))


def _camel(name: str) -> str:
    first, second = name.split("_")
    return first + second.title()
