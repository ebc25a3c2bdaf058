"""Filters of lists: words in the search field, a form that works without scripts, times that move along with now."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import QueryDict

from jobs.clock import isoformat
from jobs.types import Failure
from monitoring.listing import Listing
from monitoring.moments import exact, instant_of
from monitoring.search_words import understood
from tests.support.jobs import completed, failed

NOW_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z


@pytest.mark.parametrize(
    ("text", "pairs", "rest"),
    [
        ("type:send-email order 4711", [("type", "send-email")], "order 4711"),
        ("a queue:mail  b tag:vip", [("queue", "mail"), ("tag", "vip")], "a b"),
        ('error:"no such host" x', [("error", "no such host")], "x"),
        ("state:dead status:active", [("status", "dead"), ("status", "active")], ""),
        ("order:4711  and  more", [], "order:4711  and  more"),
        ('{"type":"x"} subtype:y type: z', [], '{"type":"x"} subtype:y type: z'),
        ('error:"half', [], 'error:"half'),
    ],
)
def test_words_of_the_search_field_are_filters(text, pairs, rest):
    assert understood(text) == (pairs, rest)


def test_words_become_filters_in_the_address(api, kit, person):
    kit.enqueue_many(3, queue="mail")
    moved = person().get("/jobs/?q=queue:mail+tag:vip+4711&queue=other&type=&cursor=old")
    assert moved.status_code == 302
    path, _, query = moved["Location"].partition("?")
    assert path == "/jobs/"
    assert parse_qs(query) == {"q": ["4711"], "queue": ["other", "mail"], "tag": ["vip"]}


def test_empty_fields_of_the_form_leave_the_address(api, kit, person):
    client = person()
    moved = client.get("/dead-letters/jobs/?type=&queue=&queue=mail&createdAfter=-1h&createdAfter=&q=")
    assert moved["Location"] == "/dead-letters/jobs/?queue=mail&createdAfter=-1h"
    assert client.get("/jobs/?type=&q=")["Location"] == "/jobs/"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("-5m", NOW_MS - 300_000),
        ("-24h", NOW_MS - 86_400_000),
        ("-7d", NOW_MS - 7 * 86_400_000),
        ("2025-12-31T10:00", NOW_MS - 14 * 3_600_000),
        ("2025-12-31T10:00:00+02:00", NOW_MS - 16 * 3_600_000),
        ("2025-12-31T10:00:00.123Z", NOW_MS - 14 * 3_600_000 + 123),
    ],
)
def test_times_are_exact_when_the_store_is_asked(said, meant):
    assert instant_of(exact(said), NOW_MS) == isoformat(meant)


@pytest.mark.parametrize("said", ["yesterday", "-5y", "-h", "2025-13-01T00:00"])
def test_what_is_no_time_is_left_for_the_api_to_refuse(said, api, kit, person):
    assert instant_of(exact(said), NOW_MS) == said
    assert person().get("/jobs/", {"createdAfter": said}).status_code == 422


def test_a_time_that_moves_stays_so_in_links_but_not_between_pages():
    listing = Listing.read("/jobs/", QueryDict("createdAfter=-1h&queue=mail"))
    assert listing.address(listing.said) == "/jobs/?queue=mail&createdAfter=-1h"
    since = datetime.fromisoformat(listing.filter["createdAfter"])
    assert abs(datetime.now(UTC) - timedelta(hours=1) - since) < timedelta(minutes=1)
    assert parse_qs(urlsplit(listing.after("c")).query)["createdAfter"] == [listing.filter["createdAfter"]]
    assert [(chip.what, chip.which) for chip in listing.chips] == [("queue", "mail"), ("enqueued since", "1 h ago")]


def test_the_form_offers_what_there_is_and_keeps_what_holds(api, kit, person):
    worker = kit.worker()
    claim = kit.claimed(worker, queue="mail")
    worker.fail([failed(claim, Failure("KeyError", "gone", "", "e" * 16), final=True)])
    html = person().get("/jobs/?status=dead&queue=mail&priority=normal&finishedAfter=2020-01-01T00:00:00Z").content
    [form] = re.findall(r"<form[^>]*data-filter-form>.*?</form>", html.decode(), re.DOTALL)
    assert '<input type="hidden" name="status" value="dead">' in form
    assert '<input type="checkbox" name="queue" value="mail" checked>' in form
    assert '<input type="checkbox" name="priority" value="normal" checked>' in form
    assert re.findall(r'<option value="([^"-]\w*)"></option>', form) == ["echo", "default", "KeyError"]
    assert re.findall(r'name="finishedAfter" value="([^"]*)"', form) == ["2020-01-01T00:00:00"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", None),
        ("?status=pending&queue=default", None),
        ("?status=cancelled", "No cancelled job is stored now."),
        ("?status=completed", "The oldest completed job that is still stored ended"),
        ("?createdAfter=-1h", "The oldest completed job that is still stored ended"),
    ],
)
def test_a_list_says_how_far_back_finished_jobs_are_stored(api, kit, person, query, words):
    worker = kit.worker()
    first = kit.claimed(worker)
    worker.complete([completed(first)])
    kit.advance(60_000)
    worker.complete([completed(kit.claimed(worker))])
    over = isoformat(kit.record(first.id).finished)
    html = person().get(f"/jobs/{query}").content.decode()
    assert words is None or words in html
    assert ("is still stored" in html) is bool(words and "oldest" in words)
    assert (f'<time class="exact" datetime="{over}">' in html) is bool(words and "oldest" in words)


def test_a_filter_that_is_refused_stays_to_be_mended(api, kit, person):
    refused = person().get("/jobs/?queue=No+Such&tag=vip")
    html = refused.content.decode()
    assert refused.status_code == 422
    assert 'role="alert"' in html
    assert '<input type="checkbox" name="queue" value="No Such" checked>' in html
    assert 'aria-label="Remove the filter queue: No Such"' in html
    assert '<nav class="tabs"' in html
    assert "queue: use only the characters a-z0-9_.-" in html


@pytest.mark.parametrize("path", ["/jobs/?queue=mail", "/dead-letters/jobs/?q=x", "/jobs/new/"])
def test_lists_say_that_the_store_is_away(api, api_config, use, person, path):
    client = person()
    use(replace(api_config, redis_url="redis://127.0.0.1:1/0"))
    page = client.get(path)
    assert page.status_code == (200 if path == "/jobs/new/" else 503)
    assert "<h1>" in page.content.decode()
