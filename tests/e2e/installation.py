"""A whole installation in processes of its own, with somebody of each role and jobs of each kind."""

from __future__ import annotations

import json
from contextlib import ExitStack
from functools import cached_property
from typing import Final, Self

from jobs.conf import Config
from jobs.states import State
from queueflow_client import Client
from tests.client.service import SCOPES, Service
from tests.e2e.pages import ROLES, Places
from tests.e2e.poison import Poison
from tests.e2e.words import EVIL, EVIL_TAG
from tests.engine.pools import HANDLERS, Pool
from tests.support.jobs import StoreKit, store_kit
from tests.support.polling import wait_until

PASSWORD: Final = "a password for tests"
PREPARE: Final = f"""
import json
from datetime import UTC, datetime
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import call_command
from jobs.models import ApiKey
from schedules.models import Schedule, Tick

call_command("migrate", verbosity=0)
for role in {ROLES!r}:
    user = get_user_model().objects.create_user(role.lower(), password={PASSWORD!r}, is_staff=role == "Admin")
    user.groups.add(Group.objects.get(name=role))
now = datetime.now(UTC)
last = {{"last_at": now, "last_outcome": "refused", "last_detail": {EVIL!r}}}
evil = Schedule.objects.create(
    name="poison", type={EVIL!r}[:128], queue={EVIL!r}[:64], payload=json.dumps({{{EVIL!r}: {EVIL!r}}}),
    tags=[{EVIL_TAG!r}], cron="0 0 29 2 *", since=now, paused=True, **last,
)
Tick.objects.create(schedule=evil, at=now, outcome="refused", detail={EVIL!r}, recorded_at=now)
print(json.dumps([ApiKey.objects.issue({EVIL_TAG!r}, {SCOPES!r})[1], ApiKey.objects.issue("reader", ["read"])[1]]))
ApiKey.objects.update(burst=2_000_000_000, per_second=2_000_000_000)
"""


class Installation(Service):
    """Web and one worker. `kit` looks into the store and writes what no interface would take; `client` enqueues.

    `key` may do what services do, `reading_key` sees what a viewer sees. There is one schedule, which is poison and
    paused. Subclasses bring jobs in.
    """

    handlers = HANDLERS
    pool_arguments: tuple[str, ...] = ("--max", "1", "--concurrency", "20")
    reading_key = ""
    kit: StoreKit
    client: Client

    @property
    def _environment(self) -> dict[str, str]:
        return super()._environment | {"QUEUEFLOW_HANDLERS": self.handlers, "MAX_WORKERS": "1"}

    def _stock(self) -> None:
        """Fill the store, before anything else runs."""

    def _busy(self) -> None:
        """Do something, once everything runs."""

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._stack = stack
            stack.enter_context(self.server)
            self._stock()
            pool = stack.enter_context(Pool(self.server.url, *self.pool_arguments, **self._environment))
            self.key, self.reading_key = json.loads(self._manage("shell", "--verbosity", "0", "-c", PREPARE))
            self.url = self._start_web()
            self.kit = stack.enter_context(store_kit(self.server.url, Config()))
            self.client = Client(self.url, self.key)
            stack.callback(self.client.close)
            pool.await_ready(1, 60.0)
            self._busy()
            self._stack = stack.pop_all()
        return self

    def await_state(self, job_id: str, state: State, executions: int = 1) -> None:
        """Return once a job is in a state and has been started at least so many times."""

        def reached() -> bool:
            record = self.kit.record(job_id)
            return record.state is state and record.executions >= executions

        wait_until(reached, 30.0)

    def scaler(self) -> Pool:
        """A scaler that is started by `with`."""
        return Pool(self.server.url, command="scaler", **self._environment)

    def scheduler(self) -> Pool:
        """A scheduler that is started by `with`."""
        return Pool(self.server.url, command="scheduler", **self._environment)

    def shell(self, code: str) -> None:
        """Run a few lines on the database of the installation."""
        self._manage("shell", "--verbosity", "0", "-c", code)

    def command(self, *arguments: str) -> str:
        """What a command of manage.py prints."""
        return self._manage(*arguments)

    def web_log(self) -> str:
        """What the web process has said."""
        return (self._folder / "web.log").read_text(errors="replace")


class PoisonedInstallation(Installation):
    """One whose jobs are poison, see `Poison`."""

    handlers = f"{HANDLERS},tests.e2e.handlers"
    poison: Poison

    def _busy(self) -> None:
        self.poison = Poison(self.kit, self.client)

    @cached_property
    def places(self) -> Places:
        """What the poisoned jobs have that pages are about."""
        return self.poison.places()
