"""Commands on a real store, run in the test's own process, and what they leave in the audit trail."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec
import pytest
from django.core.management import CommandError, call_command

from jobs import trail
from jobs.conf import Config
from jobs.maintenance.crew import Crew
from jobs.models import AuditEntry
from jobs.store import store
from tests.support.jobs import StoreKit, store_kit


class Ran(NamedTuple):
    """What a command wrote, and how it ended."""

    out: str
    err: str
    code: int

    @property
    def lines(self) -> list[str]:
        """Its output line by line."""
        return self.out.splitlines()

    @property
    def documents(self) -> list[dict[str, Any]]:
        """Its output as JSON lines."""
        return [msgspec.json.decode(line) for line in self.lines]


Run = Callable[..., Ran]


def run(*arguments: str) -> Ran:
    """Run a command as `manage.py` would."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    try:
        call_command(*arguments, stdout=out, stderr=err)
    except CommandError as error:
        err.write(f"{error}\n")
        code = error.returncode
    except SystemExit as error:
        code = int(error.code or 0)
    return Ran(out.getvalue(), err.getvalue(), code)


@pytest.fixture
def kit(
    store_url: str,
    config: Config,
    configure: Callable[[Config], None],
    monkeypatch: pytest.MonkeyPatch,
    transactional_db: None,
) -> Iterator[StoreKit]:
    """Give the store that commands work on, empty. The database is open to all threads."""
    with store_kit(store_url, config) as made:
        configure(made.store.config)
        monkeypatch.setattr(store, "_process_store", (os.getpid(), made.store))
        yield made
    trail.scribe.close()


@pytest.fixture
def crew(kit: StoreKit) -> Iterator[Crew]:
    """Have bulk operations carried out, as a worker pool's maintenance process does."""
    made = Crew(kit.store.config, "tester")
    made.start()
    yield made
    made.stop()
    assert made.join(10)


def reasons() -> list[str]:
    """Why it was done, oldest first."""
    return [str(reason) for reason in AuditEntry.objects.order_by("id").values_list("reason", flat=True)]


def entries() -> list[tuple[str, str, str]]:
    """The audit trail: who, what, to what, oldest first."""
    found = AuditEntry.objects.order_by("id").values_list("actor_id", "action", "target_id")
    return [(str(who), str(what), str(target)) for who, what, target in found]


ME = trail.shell().id
