"""The bounds of the outbox: so many jobs, and so many bytes of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from jobs import outbox
from jobs.conf import Config
from jobs.models import OutboxEntry
from jobs.outbox import scribe, table
from jobs.outbox.item import entry_of
from jobs.outbox.room import Held, Room
from jobs.types import JobRequest
from tests.support.jobs import request


def of_size(size: int) -> JobRequest:
    """A job whose entry has so many bytes, 1100 or more."""
    small = request(payload=b'"' + b"x" * 998 + b'"')
    more = size - entry_of(outbox.Item(small)).size
    return request(small.id, payload=b'"' + b"x" * (998 + more) + b'"')


def put_down(config: Config, *jobs: JobRequest) -> list[str]:
    """What becomes of jobs: "" where they are put down, else why not."""
    answers = outbox.accept([outbox.Item(job) for job in jobs], config)
    return [str(answer) if isinstance(answer, Exception) else "" for answer in answers]


def test_an_entry_carries_the_bytes_of_its_request(committed: None) -> None:
    assert put_down(Config(outbox=True), of_size(2000), of_size(3000)) == ["", ""]
    sizes = [(entry.size, len(entry.request)) for entry in OutboxEntry.objects.order_by("id")]
    assert sizes == [(2000, 2000), (3000, 3000)]
    assert (outbox.view().waiting, outbox.view().size) == (2, 5000)


def test_beyond_its_bytes_an_outbox_refuses_what_does_not_fit_and_takes_what_does(committed: None) -> None:
    config = Config(outbox=True, outbox_max_bytes=10_000)
    why = (
        "the store is away, and of the 10,000 bytes that OUTBOX_MAX_BYTES allows in the outbox 8,000 are taken, "
        "which leaves too few for this job of 2,001"
    )
    assert put_down(config, of_size(4000), of_size(4000), of_size(2001), of_size(2000)) == ["", "", why, ""]
    assert put_down(config, of_size(1100))[0].endswith("10,000 are taken, which leaves too few for this job of 1,100")
    assert table.held_by(table.waiting("default")) == Held(3, 10_000)
    OutboxEntry.objects.filter(size=2000).delete()  # as the forwarder does
    assert put_down(config, of_size(2000)) == [""]


def test_what_others_put_down_counts_when_a_bound_is_near(committed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scribe, "NEAR_SECONDS", 0.0)
    config = Config(outbox=True, outbox_max_bytes=10_000)
    assert put_down(config, of_size(2000)) == [""]  # and the count holds for a second
    OutboxEntry.objects.bulk_create([entry_of(outbox.Item(of_size(6000)))])
    assert put_down(config, of_size(7600)) != [""]  # for which there was room a moment ago
    assert put_down(config, of_size(2001)) != [""]
    assert put_down(config, of_size(2000)) == [""]


def test_nothing_is_refused_for_what_is_gone_already(committed: None) -> None:
    config = Config(outbox=True, outbox_max=2)
    assert put_down(config, of_size(2000), of_size(2000)) == ["", ""]
    OutboxEntry.objects.all().delete()  # as the forwarder does
    assert put_down(config, of_size(2000), of_size(2000)) == ["", ""]


def test_a_repeat_needs_no_room(committed: None) -> None:
    config, job = Config(outbox=True, outbox_max_bytes=3000), of_size(3000)
    assert put_down(config, job) == [""]
    assert put_down(config, job, of_size(1100))[0] == ""
    assert OutboxEntry.objects.count() == 1


def test_the_bounds_hold_inside_of_a_transaction_too(committed: None) -> None:
    config = Config(outbox=True, outbox_max_bytes=5000)
    with transaction.atomic():
        assert [bool(why) for why in put_down(config, of_size(3000), of_size(3000))] == [False, True]
        assert [bool(why) for why in put_down(config, of_size(2000), of_size(1100))] == [False, True]
    assert outbox.view().held == Held(2, 5000)


def test_refused_entries_take_no_room_but_the_oldest_go_beyond_bounds_of_their_own(
    committed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "MOST_REFUSED", Held(3, 10_000))
    config = Config(outbox=True, outbox_max_bytes=50_000)
    jobs = [of_size(size) for size in (2000, 2000, 2000, 2000, 5000, 6000, 20_000)]
    assert put_down(config, *jobs) == [""] * 7
    kept = []
    for entry in OutboxEntry.objects.order_by("id"):
        table.refuse("default", entry, "invalid: no")
        kept.append([each.size for each in table.refused("default")])
    assert kept == [
        [2000],
        [2000, 2000],
        [2000, 2000, 2000],
        [2000, 2000, 2000],
        [5000, 2000, 2000],
        [6000],
        [20_000],
    ]
    assert outbox.view().held == Held()


@pytest.mark.parametrize(
    ("most", "sizes"),
    [
        (Held(250, 5000), [2000, 3000]),
        (Held(250, 6100), [2000, 3000, 1100]),
        (Held(2, 1_000_000), [2000, 3000]),
        (Held(250, 1), [2000]),
        (Held(250, 1_000_000), [2000, 3000, 1100, 9000]),
    ],
)
def test_the_forwarder_reads_no_more_at_once_than_it_may(committed: None, most: Held, sizes: list[int]) -> None:
    assert table.first("default", most) == []
    assert put_down(Config(outbox=True), *map(of_size, (2000, 3000, 1100, 9000))) == [""] * 4
    assert [entry.size for entry in table.first("default", most)] == sizes


def test_the_bound_that_is_reached_is_named() -> None:
    full = "the store is away, and the outbox holds 1 job already, as many as OUTBOX_MAX allows"
    assert str(Room(1, 100, Held(1, 10)).let_in(5)) == full
    assert Room(2, 15, Held(1, 10)).let_in(5) is None


def test_a_migration_measures_what_lies_there_and_takes_what_older_processes_add(committed: None) -> None:
    def migrated(name: str) -> Any:
        executor = MigrationExecutor(connection)
        return executor.migrate([("jobs", name)]).apps.get_model("jobs", "OutboxEntry")

    row = {"type": "a", "queue": "q", "accepted_ms": 1}
    try:
        old = migrated("0005_outbox")
        for length in (0, 1, 70_000):
            old.objects.create(job_id=f"j{length}", request=b"\xff" * length, **row)
    finally:
        migrated("0007_outbox_unsure")
    old.objects.create(job_id="late", request=b"x", **row)
    sizes = OutboxEntry.objects.order_by("id").values_list("job_id", "size")
    assert list(sizes) == [("j0", 0), ("j1", 1), ("j70000", 70_000), ("late", 0)]


def test_counting_does_not_read_past_requests(committed: None) -> None:
    """A row's refusal lies behind its request, which may be some MiB long."""
    if connection.vendor == "sqlite":
        for rows, index in ((table.waiting("default"), "outbox_waiting"), (table.refused("default"), "outbox_refused")):
            plan = rows.order_by().values("size").explain()
            assert f"COVERING INDEX {index}" in plan
