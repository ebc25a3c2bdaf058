"""A job that is accepted while the store is away runs when it is back."""

from __future__ import annotations

from jobs.models import OutboxEntry
from jobs.states import State
from tests.outbox.conftest import Away
from tests.support.polling import wait_until


def test_what_is_accepted_while_the_server_is_dead_is_there_when_it_is_back(away: Away) -> None:
    away.server.kill()
    answers = [away.manager.enqueue("echo", {"n": n}) for n in range(5)]
    assert all(answer.accepted and answer.state is State.PENDING for answer in answers)
    assert OutboxEntry.objects.count() == 5
    with away.forwarding():
        away.server.start()
        wait_until(lambda: not OutboxEntry.objects.exists())
    records = away.seen.reader.records([answer.id for answer in answers])
    assert [record.state for record in records if record] == [State.PENDING] * 5
    positions = [record.position for record in records if record]
    assert positions == sorted(positions)
    assert away.told == [answer.id for answer in answers]
