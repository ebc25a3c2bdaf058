"""Lists of jobs that are over say when by themselves, and offer at their head what may be done with all of them."""

import re

import pytest

from tests.support.jobs import completed, failed


def hidden(client, address):
    """The columns that a list leaves out."""
    [classes] = re.findall(r'<table class="stack jobs ([^"]*)"', client.get(address).content.decode())
    return {each.removeprefix("without-") for each in classes.split() if each.startswith("without-")}


@pytest.fixture
def settled(api, kit):
    """Leave one job in each of three states."""
    worker = kit.worker()
    worker.complete([completed(kit.claimed(worker))])
    worker.fail([failed(kit.claimed(worker), final=True)])
    kit.enqueue()


@pytest.mark.parametrize(
    ("address", "is_told"),
    [
        ("/dead-letters/jobs/", True),
        ("/jobs/?status=dead", True),
        ("/jobs/?status=dead&status=completed", True),
        ("/jobs/?status=pending", False),
        ("/jobs/?status=dead&status=pending", False),
        ("/jobs/", False),
    ],
)
def test_a_list_of_jobs_that_are_over_says_when(settled, person, address, is_told):
    client = person()
    assert ("finished" not in hidden(client, address)) == is_told
    columns = hidden(client, f"{address}{'&' if '?' in address else '?'}column=created&column=queue")
    assert columns == {"id", "finished", "priority", "attempts", "took", "worker", "error", "payload"}


def test_the_usual_columns_are_not_in_the_addresses_of_a_list(settled, person):
    page = person().get("/jobs/?status=dead").content.decode()
    assert "column=" not in page
    assert 'href="/jobs/?status=pending"' in page


def test_all_that_match_can_be_acted_on_without_choosing_one(settled, person):
    page = person().get("/dead-letters/jobs/?type=echo").content.decode()
    head = page.partition('id="all-that-match"')[2].partition("</div>")[0]
    assert re.findall(r'href="([^"]+)"', head) == [
        f"/operations/new/?scope=dlq&amp;action={action}&amp;type=echo" for action in ("retry", "delete")
    ]
    assert 'popovertarget="all-that-match"' in page
    assert 'id="all-that-match"' not in person("Viewer", "bob").get("/dead-letters/jobs/").content.decode()
