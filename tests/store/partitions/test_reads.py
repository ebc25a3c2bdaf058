"""What several partitions answer together is what one with the same jobs answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from jobs.filtering import JobFilter
from jobs.inspection.search import Search
from jobs.inspection.sources import is_search
from jobs.inspector import Inspector
from jobs.states import State
from jobs.store.sampler import STEP_MS
from jobs.store.store import Store
from tests.support.partitions import Installation, Line, said_id, story

LISTED = (State.PENDING, State.SCHEDULED, State.ACTIVE, State.RETRYING, State.COMPLETED, State.DEAD)


@pytest.fixture
def both(spread: Installation, whole: Installation) -> tuple[Store, Store]:
    """Give a spread store and one that is not, with the same jobs."""
    lines = story(len(spread.kits))
    spread.play_all(lines)
    whole.play_all(lines)
    return spread.store, whole.store


def test_a_glance_shows_the_same_figures(both: tuple[Store, Store]) -> None:
    spread, whole = (store.glance.figures(newest=10) for store in both)
    assert spread.states == whole.states == both[0].reader.state_counts()
    assert spread.totals == whole.totals
    assert [row.id for row in spread.rows] == [row.id for row in whole.rows]
    assert len(spread.rows) == 10
    assert [view.name for view in spread.queues] == [view.name for view in whole.queues]
    for mine, its in zip(spread.queues, whole.queues, strict=True):
        assert (mine.depth, mine.counts, mine.paused) == (its.depth, its.counts, its.paused)
        for what in ("in", "completed", "dead", "failed"):
            assert spread.lately(mine.name, what) == whole.lately(mine.name, what)


def test_rates_come_from_the_buckets_of_all(spread: Installation, whole: Installation) -> None:
    kits = [*spread.kits, *whole.kits]
    into_next = STEP_MS - spread.store.reader.now_ms() % STEP_MS

    def pass_time(milliseconds: int) -> None:
        for kit in kits:
            kit.advance(milliseconds)

    pass_time(into_next)
    for made in (spread, whole):
        made.kits[0].enqueue(said_id(0, 1))
    pass_time(STEP_MS)
    lines: list[Line] = [("pending", said_id(number % len(spread.kits), number), {}) for number in range(2, 32)]
    for made in (spread, whole):
        made.play_all(lines)
    pass_time(STEP_MS)
    for made in (spread, whole):
        [view] = made.store.glance.figures().queues
        assert (view.in_per_second, view.rated) == (3.0, True)
        assert made.store.glance.figures().rate("in") == 31 / 60
        assert made.store.glance.figures().lately("default", "in") == 31


def test_a_pause_in_any_partition_shows(three: Installation) -> None:
    three.kits[2].operator.pause("mail")
    three.kits[1].enqueue("01" + "0" * 20, queue="mail")
    [view] = [view for view in three.store.glance.figures().queues if view.name == "mail"]
    assert view.paused
    assert view.paused_since == three.kits[2].reader.paused()["mail"]
    assert three.store.glance.figures().paused == {"mail"}


@pytest.mark.parametrize("limit", [1, 7, 50])
def test_pages_neither_skip_nor_repeat(both: tuple[Store, Store], limit: int) -> None:
    for states in ((), *((state,) for state in LISTED), (State.DEAD, State.ACTIVE)):
        wanted = JobFilter(states=states)
        spread, whole = ([*pages(store, wanted, limit)] for store in both)
        assert spread == whole
        assert len(spread) == len(set(spread)) > 0


def pages(store: Store, wanted: JobFilter, limit: int) -> Iterator[str]:
    cursor = ""
    while True:
        page = Search(store, wanted, limit, cursor).page()
        yield from (item.job_id for item in page.items)
        if page.next_cursor is None:
            assert page.searched.complete
            return
        cursor = page.next_cursor


@pytest.mark.parametrize(
    "wanted",
    [
        JobFilter(types=("type-1",)),
        JobFilter(queues=("mail",), states=(State.PENDING,)),
        JobFilter(text="customer 3"),
        JobFilter(states=(State.DEAD,), fingerprints=("a" * 16,)),
        JobFilter(states=(State.DEAD, State.COMPLETED), types=("type-2", "type-0")),
    ],
    ids=["type", "queue", "text", "error", "types"],
)
def test_searches_find_the_same(both: tuple[Store, Store], wanted: JobFilter) -> None:
    spread, whole = ([*pages(store, wanted, 5)] for store in both)
    assert spread == whole
    assert spread
    assert is_search(both[0], wanted) == is_search(both[1], wanted)


def test_the_statistics_are_the_same(both: tuple[Store, Store]) -> None:
    spread, whole = (Inspector(store).stats() for store in both)
    for name in ("total", "pending", "by_state", "completed", "failed", "dead", "cancelled", "retried"):
        assert getattr(spread, name) == getattr(whole, name), name
    assert spread.completed_since
    assert not spread.cancelled_since
    assert Inspector(both[0]).types() == Inspector(both[1]).types() != []


def test_metrics_add_up(both: tuple[Store, Store]) -> None:
    sums = {name: figures.get("ms", 0) for name, figures in both[1].reader.types().items()}
    assert sums == {name: figures.get("ms", 0) for name, figures in both[0].reader.types().items()}
    spread, whole = (store.metrics.types(sums) for store in both)
    for name in sums:
        assert spread[name].completed == whole[name].completed
        assert spread[name].failed.sum_ms == whole[name].failed.sum_ms
        assert sum(spread[name].latency.counts) == sum(whole[name].latency.counts)
    assert both[0].metrics.sizes() == both[1].metrics.sizes() == (3, 0)


def test_history_is_made_from_the_counters_of_all(both: tuple[Store, Store]) -> None:
    found = []
    for store in both:
        number = store.reader.now_ms() // STEP_MS
        numbers = store.sampler.counted(range(number - 30, number + 1))
        total: dict[str, int] = {}
        for each in numbers:
            queues, whole = store.sampler.counters(each)
            for name, bucket in {**queues, "": whole}.items():
                counts = (bucket.arrived, bucket.completed, bucket.failed, bucket.dead, bucket.busy_ms)
                for at, count in enumerate(counts):
                    total[f"{name}|{at}"] = total.get(f"{name}|{at}", 0) + count
        found.append(total)
    assert found[0] == found[1]
    names = both[1].reader.queue_names()
    (mine, all_mine), (its, all_its) = (store.sampler.gauges(names) for store in both)
    for name in names:
        assert (mine[name].high, mine[name].normal, mine[name].low) == (its[name].high, its[name].normal, its[name].low)
        assert (mine[name].active, mine[name].scheduled, mine[name].retrying) == (
            its[name].active, its[name].scheduled, its[name].retrying,
        )  # fmt: skip
    assert all_mine.scheduled == all_its.scheduled > 0


def test_trends_and_groups_add_up(both: tuple[Store, Store]) -> None:
    spread, whole = (store.reader.groups() for store in both)
    assert {name: group.count for name, group in spread.items()} == {name: g.count for name, g in whole.items()}
    names = sorted(whole)
    ordered = [{name: groups[name] for name in names} for groups in (spread, whole)]
    lines = [store.trends.of(groups) for store, groups in zip(both, ordered, strict=True)]
    assert [sum(line) for line in lines[0]] == [sum(line) for line in lines[1]] == [whole[n].count for n in names]
    assert both[0].trends.since(0, names) == both[1].trends.since(0, names)


def test_a_scaler_sees_the_same(both: tuple[Store, Store]) -> None:
    queues = both[1].reader.queue_names()
    number = both[1].reader.now_ms() // STEP_MS
    numbers = range(number - 6, number + 1)
    spread, whole = (store.scaling.movements(queues, numbers) for store in both)
    for name in ("arrived", "completed", "failed", "dead", "busy_ms"):
        assert sum(getattr(each, name) for each in spread) == sum(getattr(each, name) for each in whole)
    now_ms = both[1].reader.now_ms()
    assert both[0].scaling.due(now_ms, (30, 200)) == both[1].scaling.due(now_ms, (30, 200)) != {}
