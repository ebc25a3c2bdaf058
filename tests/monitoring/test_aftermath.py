"""The page of a retry says what became of its jobs, how long it still takes, and where they are."""

import re

import pytest
from msgspec.structs import replace

from jobs.api.answers import OperationView
from jobs.api.examples.answers import ANSWERS
from jobs.filtering import JobFilter
from jobs.states import State
from jobs.store.operation import Action
from jobs.types import Failure
from monitoring.aftermath import aftermath_of, left_ms
from tests.support.jobs import completed, failed

BOOM = Failure("Declined", "card was declined", "", "b" * 16)
RUNNING = replace(ANSWERS[OperationView], started_at="2026-01-31T08:00:00.000Z", total=25_000, done=0, failed=0)
BEGAN_MS = 1_769_846_400_000


@pytest.fixture
def retried(kit, maintenance):
    """Return a function that retries dead jobs that match until it is done, and lets one of three complete."""
    worker = kit.worker()
    claims = [kit.claimed(worker, type="charge") for _ in range(3)]
    worker.fail([failed(claim, BOOM, final=True) for claim in claims])

    def run(**wanted):
        made = kit.store.operations.open(Action.RETRY, JobFilter(states=(State.DEAD,), **wanted))
        maintenance()
        again = kit.claim(worker, 3)
        worker.fail([failed(claim, BOOM, final=True) for claim in again[:2]])
        worker.complete([completed(again[2])])
        return made

    return run


def shown(client, made):
    html = client.get(f"/operations/{made.id}/?part=live").content.decode()
    return " ".join(re.sub("<[^>]+>", "", html).split()), re.findall('href="([^"]+)"', html)


def test_a_group_whose_jobs_died_again_says_so_and_leads_to_them(api, kit, person, retried):
    made = retried(fingerprints=(BOOM.fingerprint,))
    client = person()
    text, links = shown(client, made)
    assert "3 done of 3" in text
    assert "Since it began: 2 died again of this error, 1 of charge completed" in text
    dead, complete, watch = [link.replace("&amp;", "&") for link in links if "finishedAfter" in link]
    assert dead.startswith(f"/dead-letters/jobs/?error={BOOM.fingerprint}&finishedAfter=")
    assert complete.startswith("/jobs/?status=completed&type=charge&finishedAfter=")
    assert watch.startswith("/jobs/?type=charge&finishedAfter=")
    rows = [
        len(re.findall("<tr[^>]* data-key=", client.get(link).content.decode())) for link in (dead, complete, watch)
    ]
    assert rows == [2, 1, 3]


def test_a_retry_of_a_type_counts_the_type_and_one_of_all_counts_all(api, kit, person, retried):
    client = person()
    text, _ = shown(client, retried(types=("charge",)))
    assert "Since it began: 2 died of charge, 1 of charge completed" in text
    text, _ = shown(client, kit.store.operations.open(Action.RETRY, JobFilter(states=(State.DEAD,))))
    assert "Since it began" not in text


def test_what_no_index_tells_is_not_said(api, person, retried):
    text, links = shown(person(), retried(queues=("default",)))
    assert "died" not in text.partition("Since it began:")[2].partition("Watch")[0]
    assert any(link.startswith("/jobs/?queue=default&amp;finishedAfter=") for link in links)


@pytest.mark.parametrize(
    ("changes", "seconds", "left"),
    [
        ({"rate_per_second": 50.0}, 0, 500_000),
        ({"rate_per_second": 50.0, "done": 5000}, 100, 400_000),
        ({"rate_per_second": 50.0, "done": 5000}, 200, 800_000),
        ({"rate_per_second": None, "done": 19_995, "failed": 5}, 40, 10_000),
        ({"rate_per_second": None}, 10, None),
        ({"rate_per_second": 50.0, "status": "counting"}, 10, None),
        ({"rate_per_second": 50.0, "status": "done"}, 10, None),
    ],
)
def test_the_time_left_follows_from_the_rate_or_the_pace_so_far(changes, seconds, left):
    assert left_ms(replace(RUNNING, **changes), BEGAN_MS + seconds * 1000) == left


def test_only_a_retry_that_has_begun_has_consequences():
    assert aftermath_of(RUNNING) is None
    assert aftermath_of(replace(RUNNING, action="delete", done=5)) is None
    begun = aftermath_of(replace(RUNNING, done=5))
    assert begun is not None
    assert (begun.died, begun.completed) == (4, 107)
