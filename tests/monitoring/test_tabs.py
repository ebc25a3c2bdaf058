"""What stands around the list of jobs: counts that are true of what is listed, and actions that do something to it."""

import re

import pytest

from jobs.types import Failure
from tests.monitoring.test_jobs_page import BOOM, die, listed
from tests.support.jobs import completed, failed


def tabs(html):
    """(word, count) of the tabs; None where there is no count."""
    found = re.findall(r'<a class="tab".*?</a>', html, re.DOTALL)
    words = [re.sub(r"<[^>]+>|\s+", " ", tab).split() for tab in found]
    return {word: int(rest[0].replace(",", "")) if rest else None for word, *rest in words}


def bar(html):
    """What the bar of a selection offers: words, the actions on what is chosen, the links to those on all."""
    part = html.partition('<div class="selection"')[2].partition("</form>")[0]
    words = re.sub(r"<[^>]+>", "", part.partition("all-that-match")[2].partition(":")[0]).partition(">")[2]
    return (
        words,
        re.findall(r'name="action" value="(\w+)"', part),
        re.findall(r"action=(\w+)[&\"]", part),
    )


@pytest.fixture
def mixed(kit):
    worker = kit.worker()
    for _ in range(3):
        worker.complete([completed(kit.claimed(worker, queue="mail"))])
    for _ in range(2):
        die(kit, queue="mail", type="send")
    die(kit, Failure("KeyError", "gone", "", "e" * 16), queue="etl", type="load")
    kit.enqueue_many(60, queue="mail")
    kit.enqueue_many(2, queue="mail", delay_ms=60_000)


def test_without_a_filter_every_tab_has_its_count(api, mixed, person):
    html, _ = listed(person(), "/jobs/?status=dead")
    assert tabs(html) == {
        "All": 68, "Pending": 60, "Active": 0, "Scheduled": 2, "Retrying": 0, "Completed": 3, "Dead": 3, "Cancelled": 0,
    }  # fmt: skip
    assert 'data-live-text="status.counts.dead"' in html


def test_with_a_queue_the_tabs_count_its_jobs_as_far_as_that_is_known(api, mixed, person):
    html, _ = listed(person(), "/jobs/?queue=mail&status=completed")
    assert tabs(html) == {
        "All": None, "Pending": 60, "Active": 0, "Scheduled": 2, "Retrying": 0, "Completed": 3, "Dead": 2,
        "Cancelled": None,
    }  # fmt: skip
    assert "status.counts.completed" not in html  # it would turn into the count of all queues


def test_with_another_filter_only_what_is_listed_whole_has_a_count(api, mixed, person):
    html, _ = listed(person(), "/jobs/?type=send")
    assert {word: count for word, count in tabs(html).items() if count is not None} == {"All": 2}
    html, _ = listed(person(name="bob"), "/jobs/?type=echo&priority=normal")
    assert set(tabs(html).values()) == {None}


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/jobs/", "or all 68 that match"),
        ("/jobs/?status=pending", "or all 60 that match"),
        ("/jobs/?status=pending&type=echo", "or all that match"),
        ("/jobs/?status=dead&type=send", "or all 2 that match"),
        ("/jobs/?queue=mail&status=completed", "or all 3 that match"),
        ("/dead-letters/jobs/", "or all 3 that match"),
        (f"/dead-letters/jobs/?error={'b' * 16}", "or all 2 that match"),
    ],
)
def test_the_bar_says_how_many_match_where_that_is_known(api, mixed, person, path, words):
    html, _ = listed(person("Admin"), path)
    assert bar(html)[0] == words


def test_a_dead_letter_page_that_goes_on_says_how_many_there_are(api, kit, person):
    worker = kit.worker()
    kit.enqueue_many(60, type="send")
    claims = kit.claim(worker, 60)
    worker.fail([failed(claim, BOOM, final=True) for claim in claims])
    for path in ("/dead-letters/jobs/?type=send", f"/dead-letters/jobs/?error={'b' * 16}", "/jobs/?status=dead"):
        html, ids = listed(person("Admin", path), path)
        assert (len(ids), bar(html)[0]) == (50, "or all 60 that match")


@pytest.mark.parametrize(
    ("query", "actions"),
    [
        ("", ["retry", "runNow", "cancel", "delete"]),
        ("?status=dead", ["retry", "delete"]),
        ("?status=pending", ["cancel", "delete"]),
        ("?status=scheduled", ["runNow", "cancel", "delete"]),
        ("?status=completed", ["delete"]),
        ("?status=dead&status=pending", ["retry", "cancel", "delete"]),
    ],
)
def test_a_tab_offers_what_its_jobs_can_take(api, mixed, person, query, actions):
    html, _ = listed(person("Admin"), f"/jobs/{query}")
    _, chosen, all_of_them = bar(html)
    assert chosen == actions
    assert all_of_them == actions


def test_tags_of_the_newest_jobs_are_suggested_whatever_is_listed(api, kit, person):
    kit.enqueue(tags=("vip", "eu"))
    kit.enqueue(tags=("order:1001",), queue="mail")
    html, _ = listed(person(), "/jobs/")
    assert _suggested(html) == ["eu", "order:1001", "vip"]
    assert _suggested(listed(person(name="bob"), "/jobs/?queue=mail")[0]) == ["eu", "order:1001", "vip"]
    assert _suggested(listed(person(name="eve"), "/jobs/?queue=nowhere")[0]) == ["eu", "order:1001", "vip"]


def _suggested(html):
    return re.findall(r'value="([^"]+)"', html.partition('<datalist id="known-tag">')[2].partition("</datalist>")[0])


def test_a_list_of_a_paused_queue_says_so(api, kit, person):
    kit.enqueue(queue="mail")
    client = person()
    assert "is paused" not in listed(client, "/jobs/?queue=mail")[0]
    kit.operator.pause("mail")
    html, _ = listed(client, "/jobs/?queue=mail")
    assert re.search(r'The queue <a href="/queues/mail/">mail</a> is paused, since <time class="exact"', html)
    assert "is paused" not in listed(client, "/jobs/?queue=other")[0]


def test_an_empty_installation_gives_the_line_that_enqueues_a_job(api, kit, person):
    html, _ = listed(person(), "/jobs/")
    assert "<h2>No job here</h2>" in html
    assert "curl http://testserver/api/jobs -H" in html
    assert "curl " not in listed(person(name="bob"), "/jobs/?type=x")[0]
