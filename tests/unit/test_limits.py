"""Names of new jobs that an address can carry, and the same words in the interface's document."""

import re

import pytest

from jobs import limits
from jobs.errors import InvalidJob

STEPS = (".", "..", "./a", "../a", "a/.", "a/..", "a/./b", "a/../b", "/..", "../")


@pytest.mark.parametrize("name", ["a.b", "...", ".a/b..", "a/.../b", "a//b", "/a/", "a..b/c"])
def test_a_type_that_an_address_can_carry_is_taken(name):
    assert limits.job_type(name) == name
    assert re.search(limits.TYPE_PATTERN, name)


@pytest.mark.parametrize("name", STEPS)
def test_a_type_that_loses_steps_on_its_way_is_refused_but_found(name):
    with pytest.raises(InvalidJob, match=r"give no \. or \.\. alone or between slashes"):
        limits.job_type(name)
    assert not re.search(limits.TYPE_PATTERN, name)
    assert limits.stored_type(name) == name


@pytest.mark.parametrize("name", [".", ".."])
def test_a_queue_that_is_a_step_is_refused_but_found(name):
    with pytest.raises(InvalidJob, match=r"but not \. or \.\."):
        limits.queue(name, "queue")
    assert not re.search(limits.QUEUE_PATTERN, name)
    assert limits.stored_queue(name, "queue") == name
    assert limits.queue(f"{name}a", "queue") == f"{name}a"
