"""Schedules: which jobs are enqueued when, and what became of it."""

from __future__ import annotations

from typing import Final

import msgspec

from jobs.api.answers import Receipt
from jobs.api.bears import Bears
from jobs.api.bodies.base import instant_ms
from jobs.api.bodies.filters import PageQuery, ReasonBody, ReasonQuery
from jobs.api.call import Call, NoBody
from jobs.api.examples import learn
from jobs.api.query import Nothing
from jobs.api.reply import Answer
from jobs.api.routes.endpoints import endpoints
from jobs.clock import isoformat, to_datetime, to_instant_ms
from jobs.errors import InvalidJob
from jobs.inspection.cursors import Cursor, read_cursor, write_cursor
from jobs.rights import Right
from schedules import cron, present, service

from .answers import CronPreview, ScheduleList, ScheduleView, TickPage
from .bodies import ChangeBody, PreviewBody, ScheduleBody, SchedulesQuery
from .changing import actor_of, changed_form, found, must_come, new_form, quoting_nothing, refusing, unquoted
from .examples import ANSWERS, REQUESTS
from .shown import items_of, known_values, tick_of, view_of

SOURCE: Final = "schedule"
learn(REQUESTS, ANSWERS)


class OfSchedule(msgspec.Struct, frozen=True, tag=SOURCE):
    """The filter of a list of ticks, which its cursors are bound to."""

    schedule: int


@endpoints.get("/schedules", Right.VIEW, query=SchedulesQuery, answers={200: ScheduleList}, bears=Bears.ANYWHERE)
def list_schedules(call: Call[NoBody, SchedulesQuery]) -> ScheduleList:
    """List schedules by name, without their payloads.

    There are 1,000 at most. It is answered without a store too, as everything about schedules but running one.
    """
    rows = [row for row in service.listed() if call.query.fits(row)]
    return ScheduleList(items=items_of(rows, call.redactor))


@endpoints.post(
    "/schedules",
    Right.ADMINISTER,
    body=ScheduleBody,
    answers={201: ScheduleView},
    located=True,
    problems=(409,),
    bears=Bears.ANYWHERE,
)
def create_schedule(call: Call[ScheduleBody, Nothing]) -> Answer:
    """Make a schedule.

    Its first tick is the first one from now on. Everything about the job is checked as at an enqueue. 409: there is one
    of that name, or there are 1,000.
    """
    form = new_form(call)
    with refusing():
        made = service.create(form, actor_of(call), reason=call.body.reason, store=call.store)
    return Answer(view_of(made, call.redactor), headers={"Location": f"/api/schedules/{made.name}"})


@endpoints.get("/schedules/{name}", Right.VIEW, answers={200: ScheduleView}, bears=Bears.ANYWHERE)
def get_schedule(call: Call[NoBody, Nothing], name: str) -> ScheduleView:
    """Show a schedule."""
    return view_of(found(name), call.redactor)


@endpoints.put(
    "/schedules/{name}",
    Right.ADMINISTER,
    body=ChangeBody,
    answers={200: ScheduleView},
    problems=(409,),
    bears=Bears.ANYWHERE,
)
def change_schedule(call: Call[ChangeBody, Nothing], name: str) -> ScheduleView:
    """Change a schedule.

    What is left out stays as it is. With another expression or time zone its ticks count from now on. 409 with the
    current `version` when somebody else has changed it since the given one. To replace the payload, a person needs the
    right `edit_payload` too.
    """
    form = changed_form(call, found(name))
    with refusing(name), quoting_nothing(call):
        row = service.change(name, form, call.body.version, actor_of(call), reason=call.body.reason, store=call.store)
    return view_of(row, call.redactor)


@endpoints.delete("/schedules/{name}", Right.ADMINISTER, query=ReasonQuery, answers={204: None}, bears=Bears.ANYWHERE)
def delete_schedule(call: Call[NoBody, ReasonQuery], name: str) -> None:
    """Delete a schedule.

    With what is known of its ticks; its jobs stay.
    """
    with refusing(name):
        service.delete(name, actor_of(call), reason=call.query.reason)


@endpoints.post(
    "/schedules/{name}/pause", Right.PAUSE, body=ReasonBody, answers={200: ScheduleView}, bears=Bears.ANYWHERE
)
def pause_schedule(call: Call[ReasonBody, Nothing], name: str) -> ScheduleView:
    """Pause a schedule.

    It has no ticks until somebody resumes it. One that is paused already stays so.
    """
    with refusing(name):
        return view_of(service.pause(name, actor_of(call), reason=call.body.reason), call.redactor)


@endpoints.post(
    "/schedules/{name}/resume",
    Right.PAUSE,
    body=ReasonBody,
    answers={200: ScheduleView},
    problems=(409,),
    bears=Bears.ANYWHERE,
)
def resume_schedule(call: Call[ReasonBody, Nothing], name: str) -> ScheduleView:
    """Resume a schedule.

    Its ticks count from now on: none of the pause is made up for. One that is not paused stays as it is. 409 where the
    stored expression cannot be read.
    """
    with refusing(name):
        row = service.resume(name, actor_of(call), reason=call.body.reason, store=call.store)
    return view_of(row, call.redactor)


@endpoints.post(
    "/schedules/{name}/run",
    Right.RETRY,
    body=ReasonBody,
    answers={201: Receipt, 202: Receipt},
    located=True,
    problems=(409, 413),
    bears=Bears.BY_OUTBOX,
)
def run_schedule(call: Call[ReasonBody, Nothing], name: str) -> Answer:
    """Enqueue the job of a schedule now.

    Beside its ticks, also while it is paused. 409 `duplicate_job`: its jobs must not overlap, and one is unfinished.
    202 with the status `accepted`, where the outbox is on: the store is away, and gets the job when it is back.
    """
    try:
        with refusing(name):
            made = service.run_now(name, actor_of(call), reason=call.body.reason, store=call.store)
    except InvalidJob as error:
        raise unquoted(call, error) from error
    headers = {"Location": f"/api/jobs/{made.id}"}
    return Answer(Receipt.of(made), 202 if made.accepted else 201, headers)


@endpoints.get("/schedules/{name}/ticks", Right.VIEW, query=PageQuery, answers={200: TickPage}, bears=Bears.ANYWHERE)
def list_ticks(call: Call[NoBody, PageQuery], name: str) -> TickPage:
    """List the past ticks of a schedule, newest first.

    What became of each, with its job. The latest 200 are kept.
    """
    row, limit = found(name), call.query.limit
    wanted = OfSchedule(row.pk)
    cursor = read_cursor(call.query.cursor, wanted) if call.query.cursor else None
    ticks = service.past_ticks(row, limit + 1, to_datetime(int(cursor.score)) if cursor else None)
    last = ticks[limit - 1] if len(ticks) > limit else None
    place = Cursor(SOURCE, to_instant_ms(last.at), str(last.pk), 0) if last else None
    known = known_values(row.payload, call.redactor)
    return TickPage(
        items=[tick_of(tick, call.redactor, known) for tick in ticks[:limit]],
        next_cursor=write_cursor(place, wanted) if place else None,
    )


@endpoints.post("/schedules/preview", Right.VIEW, body=PreviewBody, answers={200: CronPreview}, bears=Bears.ANYWHERE)
def preview_schedule(call: Call[PreviewBody, Nothing]) -> CronPreview:
    """Tell what an expression means.

    In words, and by the ticks that come next, or that follow `after`. Nothing is made.
    """
    body = call.body
    must_come(body.cron, body.time_zone)
    after = instant_ms(body.after)
    after = present.now_ms(call.store) if after is None else after
    ticks = cron.ticks_after(body.cron, body.time_zone, after, count=body.count)
    return CronPreview(explained=cron.explain(body.cron), ticks=list(map(isoformat, ticks)))
