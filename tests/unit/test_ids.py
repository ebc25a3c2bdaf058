"""Job ids: ours, derived ones, and those that clients choose."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs import ids
from jobs.errors import InvalidJob
from jobs.partitioning import Partitions, partition_of_key


def test_a_new_id_is_22_hex_digits_that_begin_with_the_partition():
    made = {ids.new_id() for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch("00[0-9a-f]{20}", each) for each in made)


def test_an_id_says_one_of_the_partitions_that_it_may(configure, config):
    configure(replace(config, partitions=Partitions(3)))
    assert {ids.new_id()[:2] for _ in range(200)} == {"00", "01", "02"}
    assert {ids.new_id(among=[1, 2])[:2] for _ in range(200)} == {"01", "02"}
    assert {ids.new_id(among=[7], count=9)[:2] for _ in range(20)} == {"07"}
    home = next(key for key in "abcdefgh" if partition_of_key(key, 3) == 0)
    assert ids.new_id(home, among=[1])[:2] == "00"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=4))
def test_a_derived_id_depends_on_the_parts_and_on_nothing_else(parts):
    assert ids.derived_id(*parts) == ids.derived_id(*parts)
    assert ids.derived_id(*parts) != ids.derived_id(*parts, "")
    assert ids.checked_id(ids.derived_id(*parts))


def test_parts_of_a_derived_id_do_not_run_into_each_other():
    assert ids.derived_id("key", "a", "1") != ids.derived_id("key", "a1", "")


@pytest.mark.parametrize("good", ["a", "order:1-email_2.x", "A" * 128, "...", "00c3f1a95b7de20468ac13"])
def test_a_clients_id_is_taken_as_it_is(good):
    assert ids.checked_id(good) == good


@pytest.mark.parametrize("bad", ["", ".", "..", "a/b", "a b", "é", "a\n", "A" * 129, "\0", None, 5, b"abc"])
def test_an_id_that_no_address_can_carry_is_refused(bad):
    with pytest.raises(InvalidJob) as caught:
        ids.checked_id(bad)
    assert caught.value.field == "jobId"


@pytest.mark.parametrize("word", ["bulk", "groups", "operations", "new"])
def test_words_of_addresses_are_no_ids(word):
    with pytest.raises(InvalidJob):
        ids.checked_id(word)
    assert ids.checked_id(f"{word}-1")
