"""A filled store is as if its jobs had been enqueued and run, and has what the recipe says."""

import pytest

from jobs.auditor import audit
from jobs.states import State
from tests.perf.fill import Filler
from tests.perf.recipe import GROUPS, Recipe, fingerprint_of, order_of

RECIPE = Recipe(20_000, largest=1_500)


@pytest.fixture(scope="module")
def filled(redis_server):
    """Give the store of a filler that has done its work."""
    redis_server.flush()
    filler = Filler(redis_server.url, RECIPE)
    filler.fill()
    yield filler.store
    filler.close()


def test_a_filled_store_is_whole(filled):
    report = audit(filled)
    assert report.clean, report.findings
    assert report.jobs == RECIPE.jobs


def test_a_filled_store_has_the_shares_that_the_recipe_says(filled):
    counts = filled.reader.state_counts()
    assert {name: count for name, count in counts.items() if count} == {
        "completed": 14_000, "dead": 4_000, "pending": 2_000,
    }  # fmt: skip


def test_the_dead_fall_into_groups_the_largest_of_which_is_of_one_type(filled):
    groups = filled.reader.groups()
    assert GROUPS - 5 <= len(groups) <= GROUPS
    largest = groups[fingerprint_of(0)]
    assert (largest.count, largest.types) == (1_500, ["sync-crm"])


def test_jobs_carry_their_order_number_and_the_dead_ones_a_history(filled):
    number = next(each for each in range(RECIPE.settled) if RECIPE.group(each) is not None)
    job = filled.reader.job(RECIPE.request(number).id)
    assert order_of(number).encode() in job.envelope.payload
    assert job.record.state is State.DEAD
    assert order_of(number) in job.history[0].message
