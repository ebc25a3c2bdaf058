"""Make the demonstration's schedules, unless they are there: ``python -m examples.demo_schedules``."""

import json
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from schedules.form import ScheduleForm

SCHEDULES: tuple[dict[str, Any], ...] = (
    {"name": "report-every-minute", "type": "flaky-report", "cron": "* * * * *", "payload": {"name": "by-the-minute"}},
    {
        "name": "reload-taxi-rides",
        "type": "run-etl",
        "cron": "*/5 * * * *",
        "payload": {"source": "nyc_taxi"},
        "overlap": "skip",
    },
    {
        "name": "morning-mail",
        "type": "send-email",
        "cron": "0 7 * * MON-FRI",
        "time_zone": "Europe/Berlin",
        "payload": {"to": "team@example.com", "subject": "Good morning", "body": "Here is what happened over night."},
        "missed": "skip",
    },
)


def make_schedules() -> list[str]:
    """Make those that are missing; return their names. Needs Django to be set up."""
    from jobs import trail
    from schedules import service
    from schedules.errors import InvalidSchedule, ScheduleExists

    made = []
    for form in _forms():
        try:
            made.append(service.create(form, trail.shell(), reason="the demonstration").name)
        except ScheduleExists:
            continue
        except InvalidSchedule as error:  # such as one whose handler needs a package that is not installed
            print(f"Schedule {form.name} is left out: {error}", file=sys.stderr)
    return made


def _forms() -> "Iterator[ScheduleForm]":
    from schedules.form import ScheduleForm

    for each in SCHEDULES:
        yield ScheduleForm(**each | {"payload": json.dumps(each["payload"]), "tags": ("demo",)})


def main() -> int:
    """Run as a command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "queueflow_site.settings")
    django.setup()
    made = make_schedules()
    print(f"Schedules: {', '.join(made) or 'all there'}.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
