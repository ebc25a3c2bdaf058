"""What a schedule has to be, wherever it comes from."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Final

import msgspec

from jobs.conf import Config
from jobs.errors import InvalidJob, StoreError, UnknownJobType
from jobs.handlers.discovery import known_handlers
from jobs.requests import request_of
from jobs.store.store import Store

from . import cron
from .errors import InvalidSchedule, UnknownHandler
from .form import ScheduleForm
from .models import Missed, Overlap
from .models.schedule import NAME_PATTERN

NAME_HINT: Final = "give 1 to 64 of a-z 0-9 _ . -, but not . .. new or preview"
_NAME = re.compile(NAME_PATTERN.replace("$", r"\Z"))


def checked(form: ScheduleForm, store: Store) -> ScheduleForm:
    """The form as it is kept. Raises InvalidSchedule, which tells of all that is wrong.

    A type that nobody knows is wrong, as at an enqueue; while the store is away it is not asked.
    """
    found = problems(form, store.config)
    unknown = "" if "type" in found else _type_trouble(form.type, store)
    if found:
        raise InvalidSchedule(found | ({"type": unknown} if unknown else {}))
    if unknown:
        raise UnknownHandler({"type": unknown})
    return msgspec.structs.replace(form, tags=tuple(dict.fromkeys(form.tags)))


def problems(form: ScheduleForm, config: Config) -> dict[str, str]:
    """What is wrong by itself, whoever is there: a sentence by field, in wire notation."""
    troubles = {
        "name": "" if _NAME.match(form.name) else NAME_HINT,
        "cron": _cron_trouble(form.cron),
        "timeZone": _zone_trouble(form.time_zone),
        "overlap": "" if form.overlap in Overlap.values else "give allow or skip",
        "missed": "" if form.missed in Missed.values else "give skip, last or all",
    }
    found = {field: trouble for field, trouble in troubles.items() if trouble}
    try:
        request_of(form.spec(), known_handlers(), config)
    except InvalidJob as error:
        found[error.field.removeprefix("options.")] = error.message
    return found


def _cron_trouble(expression: str) -> str:
    try:
        cron.check(expression)
    except cron.BadExpression as error:
        return str(error)
    return ""


def _zone_trouble(name: str) -> str:
    try:
        cron.check_zone(name)
    except cron.BadZone as error:
        return str(error)
    return ""


def _type_trouble(job_type: str, store: Store) -> str:
    if known_handlers().get(job_type) or store.config.accept_unknown_types:
        return ""
    with suppress(StoreError):
        if job_type not in store.registry.known_types():
            return UnknownJobType(job_type).message
    return ""
