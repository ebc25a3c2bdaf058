"""What is remembered of an Idempotency-Key lies in one partition, or is noted where the key says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jobs.errors import InvalidJob
from jobs.partitioning import partition_of_key
from jobs.store.markers import WHOLE
from jobs.store.producer import IdempotencyKeyReused, Marker
from tests.support.jobs import request
from tests.support.partitions import Installation, said_id


def marker_in(spread: Installation, at: int, body: str = "a body") -> Marker:
    """That of a key which decides on a partition."""
    keys = (f"{number:064x}" for number in range(1000))
    return Marker(next(key for key in keys if partition_of_key(key, len(spread.kits)) == at), body, 60)


def kept(spread: Installation) -> list[int]:
    """How many keys each partition remembers."""
    return [len(kit.client.call("KEYS", kit.keys.idempotency("*"))) for kit in spread.kits]


def test_a_key_lies_with_its_job_alone(spread: Installation) -> None:
    last = len(spread.kits) - 1
    marker = marker_in(spread, last)
    [made] = spread.store.producer.enqueue([request(said_id(last, 1))], marker)
    assert (made.created, kept(spread)) == (True, [0] * last + [1])
    with pytest.raises(IdempotencyKeyReused):
        spread.store.producer.enqueue([request(said_id(0, 2))], marker._replace(body="another"))


def test_a_marker_of_the_outbox_is_noted_nowhere_else(spread: Installation) -> None:
    last = len(spread.kits) - 1
    ids = [said_id(last, number) for number in range(5)]
    spread.store.producer.enqueue_each([(request(job_id), Marker(f"outbox/{job_id}", "outbox", 60)) for job_id in ids])
    assert kept(spread) == [0] * last + [5]


def alone(spread: Installation, job_id: str, marker: Marker) -> None:
    spread.store.producer.enqueue([request(job_id)], marker)


def with_another(spread: Installation, job_id: str, marker: Marker) -> None:
    pairs = [(request(job_id), marker), (request(said_id(1, 50)), Marker("outbox/50", "outbox", 60))]
    spread.store.producer.enqueue_each(pairs)


@pytest.mark.parametrize("send", [alone, with_another])
def test_another_body_is_met_wherever_its_job_would_lie(
    spread: Installation, send: Callable[[Installation, str, Marker], None]
) -> None:
    marker = marker_in(spread, 0)
    send(spread, said_id(1, 1), marker)
    send(spread, said_id(1, 1), marker)
    for job_id in (said_id(0, 2), said_id(1, 2)):
        for again in (alone, with_another):
            with pytest.raises(IdempotencyKeyReused):
                again(spread, job_id, marker._replace(body="another"))
    with pytest.raises(IdempotencyKeyReused):
        spread.store.markers.keep(marker._replace(body="of a bulk"), WHOLE)
    assert spread.store.reader.records([said_id(0, 2), said_id(1, 2)]) == [None, None]


def test_a_note_of_a_request_that_came_to_nothing_is_dropped_but_not_that_of_another(spread: Installation) -> None:
    marker, astray = marker_in(spread, 0), request(said_id(1, 1), deduplication_key=key_of(spread, 0))
    with pytest.raises(InvalidJob):
        spread.store.producer.enqueue([astray], marker)
    assert sum(kept(spread)) == 0
    alone(spread, said_id(1, 2), marker)
    with pytest.raises(InvalidJob):
        spread.store.producer.enqueue([astray], marker)
    assert sum(kept(spread)) == 2


def key_of(spread: Installation, at: int) -> str:
    return next(key for key in map(str, range(1000)) if partition_of_key(key, len(spread.kits)) == at)


def test_one_job_in_the_wrong_place_is_refused_by_itself(spread: Installation) -> None:
    good, astray = request(said_id(1, 1)), request("order-1", deduplication_key="one")
    answers = spread.store.producer.offer([good, astray, request(said_id(0, 2))])
    assert [type(answer).__name__ for answer in answers] == ["Enqueued", "InvalidJob", "Enqueued"]
    assert spread.store.reader.totals()["created"] == 2


def test_the_key_of_a_bulk_enqueue_lies_with_its_jobs(spread: Installation) -> None:
    last = len(spread.kits) - 1
    marker = marker_in(spread, last)
    assert (spread.store.markers.keep(marker, WHOLE), spread.store.markers.find(marker)) == (WHOLE, WHOLE)
    jobs = [request(said_id(last, number)) for number in range(3)]
    spread.store.producer.enqueue(jobs, marker.part([job.id for job in jobs]))
    assert kept(spread) == [0] * last + [2]
    spread.store.markers.drop(marker)
    assert kept(spread) == [0] * last + [1]
