"""What goes out: schedules, what became of their ticks, and what an expression means."""

from __future__ import annotations

from typing import Annotated

from jobs.inspection.wire import Milliseconds, OpaqueJSON, PriorityWord, Time, Wire, about, words
from schedules.models import Missed, Outcome, Overlap

OverlapWord = Annotated[str, words("Overlap", Overlap)]
MissedWord = Annotated[str, words("MissedTicks", Missed)]
OutcomeWord = Annotated[str, words("TickOutcome", Outcome)]


class LastTick(Wire, frozen=True):
    """The latest tick that is over, and what became of it."""

    at: Annotated[Time, about("When it was due")]
    outcome: Annotated[OutcomeWord, about("What became of it")]
    job_id: Annotated[str | None, about("The job that it enqueued, or that was in its way; null: none")]
    detail: Annotated[str | None, about("Why, in a sentence; null where the outcome says it all")]


class TickView(LastTick, frozen=True):
    """A tick that is over, and what became of it. Of ticks that were missed together there is one, the latest."""

    recorded_at: Annotated[Time, about("When that was decided")]


class TickPage(Wire, frozen=True):
    """A page of the ticks of a schedule, newest first."""

    items: Annotated[list[TickView], about("Ticks, newest first; of each schedule the latest 200 are kept")]
    next_cursor: Annotated[str | None, about("Where the next page begins; null after the last one")]


class TickCounts(Wire, frozen=True):
    """How many ticks of a schedule there were, by what became of them."""

    enqueued: Annotated[int, about("Their jobs were enqueued")]
    skipped: Annotated[int, about("The job of an earlier tick was unfinished")]
    missed: Annotated[int, about("No scheduler ran then, and nobody made up for it")]
    refused: Annotated[int, about("Their jobs could not be taken")]


class ScheduleItem(Wire, frozen=True):
    """A schedule in a list: without its payload."""

    name: Annotated[str, about("What it is called")]
    type: Annotated[str, about("What kind of job it enqueues")]
    queue: Annotated[str | None, about("The queue that its jobs wait in; null: as the handler says")]
    priority: Annotated[PriorityWord | None, about("Within its queue; null: as the handler says")]
    max_retries: Annotated[int | None, about("How many attempts may follow the first; null: as the handler says")]
    timeout: Annotated[Milliseconds | None, about("Longest an execution may take; null: as the handler says")]
    tags: Annotated[list[str], about("Words to find its jobs by")]
    cron: Annotated[str, about("When, as a cron expression")]
    time_zone: Annotated[str, about("The time zone that it goes by")]
    overlap: Annotated[OverlapWord, about("Whether a tick runs while the job of an earlier one is unfinished")]
    missed: Annotated[MissedWord, about("What becomes of ticks for which no scheduler ran")]
    paused: Annotated[bool, about("Whether it has no ticks until somebody resumes it")]
    version: Annotated[int, about("Grows with each change of it")]
    explained: Annotated[str | None, about("When, in words; null where the expression cannot be read")]
    next_tick: Annotated[
        Time | None, about("When it is due next, in the past where it is overdue; null: it is paused, or never comes")
    ]
    last_tick: Annotated[LastTick | None, about("The tick that was due last; null: none yet")]
    counts: Annotated[TickCounts, about("How many ticks there were since it was made")]
    trouble: Annotated[str | None, about("What is wrong with the stored schedule; null: it is whole")]
    created_at: Annotated[Time, about("When it was made")]
    updated_at: Annotated[Time, about("When it was changed last")]


class ScheduleView(ScheduleItem, frozen=True):
    """A schedule."""

    payload: Annotated[OpaqueJSON | None, about("What the handler gets, byte for byte; what one may not see is masked")]


class ScheduleList(Wire, frozen=True):
    """All schedules, or those that match."""

    items: Annotated[list[ScheduleItem], about("Schedules, by name; 1,000 at most")]


class CronPreview(Wire, frozen=True):
    """What an expression means."""

    explained: Annotated[str, about("When, in words")]
    ticks: Annotated[list[Time], about("The ticks that come next")]
