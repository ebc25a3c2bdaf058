"""From what was asked for to what the service takes, and from its refusals to those of the API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from msgspec import UNSET, Raw
from msgspec.structs import replace

from jobs import trail
from jobs.api.call import Call
from jobs.api.endpoint import must_have
from jobs.api.problems import FieldError, conflict, invalid, invalid_field, not_found, too_large
from jobs.errors import InvalidJob, UnknownJobType
from jobs.redaction import MASK, holds_mask
from jobs.rights import Right
from schedules import cron, service
from schedules.errors import (
    STORED,
    InvalidSchedule,
    NoSuchSchedule,
    ScheduleExists,
    StaleSchedule,
    TooManySchedules,
)
from schedules.errors import unquoted as without_quotes
from schedules.form import ScheduleForm, form_of
from schedules.models import Schedule

from .bodies import ChangeBody, ScheduleBody

_SAME: Final = ("type", "cron", "time_zone", "max_retries", "tags", "overlap", "missed")
_WORDS: Final = ("queue", "priority")  # the empty text stands for none
NULL: Final = b"null"
NOT_FOUND: Final = "There is no such schedule."


@contextmanager
def refusing(name: str = "") -> Iterator[None]:
    """What the service refuses, as the API does. Raises Problem 404, 409, 422; 404 at once for what can be no name."""
    if not name.isprintable():  # which databases refuse in words of their own
        raise not_found(NOT_FOUND)
    try:
        yield
    except InvalidSchedule as error:
        raise invalid([FieldError(field, said) for field, said in error.problems.items()], error.code) from error
    except NoSuchSchedule as error:
        raise not_found(NOT_FOUND) from error
    except StaleSchedule as error:
        said = f"The schedule has changed meanwhile: its version is {error.current}."
        raise conflict(said, {"version": error.current}) from error
    except (cron.BadExpression, cron.BadZone) as error:
        raise conflict(f"The stored schedule has no ticks: {error}.") from error
    except ScheduleExists as error:
        raise conflict(f"There is a schedule {error.name} already.") from error
    except TooManySchedules as error:
        raise conflict(f"There are {error.most:,} schedules already, and there cannot be more.") from error


def actor_of(call: Call[Any, Any]) -> trail.Actor:
    """Who asks, for the record."""
    who = call.principal
    return trail.Actor(who.id, who.name, call.asked.address)


def found(name: str) -> Schedule:
    """The schedule of a name. Raises Problem 404."""
    with refusing(name):
        return service.find(name)


def new_form(call: Call[ScheduleBody, Any]) -> ScheduleForm:
    """What a new schedule is to be. Raises Problem 413 and 422 for its payload."""
    body = call.body
    given = {name: getattr(body, name) for name in _SAME} | {name: getattr(body, name) or "" for name in _WORDS}
    return ScheduleForm(name=body.name, payload=_payload(call) or NULL, timeout_ms=body.timeout, **given)


def changed_form(call: Call[ChangeBody, Any], row: Schedule) -> ScheduleForm:
    """What a schedule is to be: what is left out stays as it is. Raises Problem 403, 413 and 422 for its payload."""
    body = call.body
    given = {name: getattr(body, name) for name in _SAME}
    given |= {name: "" if (value := getattr(body, name)) is None else value for name in _WORDS}
    given |= {"timeout_ms": body.timeout, "payload": _payload(call) or UNSET}
    if given["payload"] is not UNSET:
        must_have(call.principal, Right.EDIT_PAYLOAD)
    return replace(form_of(row), **{name: value for name, value in given.items() if value is not UNSET})


def must_come(expression: str, zone: str) -> None:
    """Raise Problem 422 for an expression that has no ticks, and for a time zone that there is not."""
    wrong = []
    for field, check, value in (("cron", cron.check, expression), ("timeZone", cron.check_zone, zone)):
        try:
            check(value)
        except (cron.BadExpression, cron.BadZone) as error:
            wrong.append(FieldError(field, str(error)))
    if wrong:
        raise invalid(wrong)


def unquoted(call: Call[Any, Any], error: InvalidJob) -> Exception:
    """A refusal of the stored job for the one who asks: a handler's words may quote what this one may not see."""
    if call.redactor is None or isinstance(error, UnknownJobType) or not error.field.startswith("payload"):
        return error
    return InvalidJob(error.field, STORED)


@contextmanager
def quoting_nothing(call: Call[ChangeBody, Any]) -> Iterator[None]:
    """The same for a change that leaves the stored payload as it is. Raises InvalidSchedule."""
    try:
        yield
    except InvalidSchedule as error:
        if call.redactor is None or bytes(call.body.payload):
            raise
        raise without_quotes(error) from error


def _payload(call: Call[Any, Any]) -> bytes:
    """The payload of a body, as it was written; nothing where there is none."""
    raw: Raw = call.body.payload
    given, most = bytes(raw), call.config.max_payload_bytes
    if len(given) > most:
        raise too_large(f"payload: {len(given):,} bytes are more than the {most:,} that are allowed")
    if holds_mask(given):
        raise invalid_field("payload", f"it holds {MASK}, which stands for a value that was hidden")
    return given
