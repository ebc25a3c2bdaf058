"""Lists of jobs: filters in the address, pages that neither skip nor repeat, what may be done with what is chosen."""

import re

import pytest

from jobs.types import Envelope, Failure
from tests.support.jobs import failed, request

EVIL = "<script>alert(1)</script>"
BOOM = Failure("ValueError", f"no {EVIL}", "", "b" * 16)


def listed(client, path):
    """The HTML of a list, and the ids of its jobs in order."""
    page = client.get(path)
    assert page.status_code == 200, page.content
    html = page.content.decode()
    return html, re.findall(r'<tr[^>]* data-key="([^"]+)"', html)


def die(kit, failure=BOOM, **options):
    worker = kit.worker()
    claim = kit.claimed(worker, **options)
    worker.fail([failed(claim, failure, final=True)])
    return claim.id


def test_pages_go_through_all_jobs_once(api, kit, person):
    client, wanted = person(), kit.enqueue_many(120)
    kit.enqueue_many(5, queue="other")
    seen, path = [], "/jobs/?queue=default"
    while path:
        html, ids = listed(client, path)
        seen += ids
        if len(seen) == 50:
            kit.enqueue_many(10)  # what comes meanwhile moves nothing
        found = re.search(r'href="(/jobs/\?[^"]*cursor=[^"]+)"[^>]*>Older', html)
        path = found[1].replace("&amp;", "&") if found else ""
    assert seen == wanted[::-1]


def test_tabs_count_states_and_keep_the_filter(api, kit, person):
    kit.enqueue_many(3, queue="mail")
    die(kit, queue="q")
    html, ids = listed(person(), "/jobs/?status=pending&queue=mail")
    assert len(ids) == 3
    assert '<a class="tab" href="/jobs/?status=dead&amp;queue=mail">' in html
    tabs = re.findall(
        r'<a class="tab" href="[^"]*"( aria-current="page")?>(?:(?!</a>).)*?(\w+) <span class="count"[^>]*>(\d+)', html
    )
    assert [(word, int(count)) for _, word, count in tabs if int(count)] == [("Pending", 3)]
    assert [word for current, word, _ in tabs if current] == ["Pending"]
    assert 'aria-label="Remove the filter queue: mail"' in html


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=4711", "needle"),
        ("tag=vip", "needle"),
        ("type=rare", "needle"),
        ("q=need", "needle"),
        ("priority=high", None),
    ],
)
def test_jobs_are_found_by_what_they_carry(api, kit, person, query, found):
    kit.enqueue_many(3)
    made = request("needle", payload=b'{"order":"4711"}', type="rare")
    kit.producer.enqueue(
        [made.__class__(id="needle", type="rare", envelope=Envelope(made.envelope.payload, 1000, None, ("vip",)))]
    )
    html, ids = listed(person(), f"/jobs/?{query}")
    assert ids == ([found] if found else [])
    assert found or "No job matches" in html


def test_what_jobs_carry_is_text(api, kit, person):
    die(kit, queue="q", payload=b'"' + EVIL.encode() + b'"')
    for path in ("/jobs/", "/dead-letters/", "/dead-letters/jobs/", f"/dead-letters/jobs/?error={BOOM.fingerprint}"):
        html = person(name=path).get(path).content.decode()
        assert EVIL not in html
        assert "&lt;script&gt;" in html
        assert "style=" not in html
    html = person(name="eve").get(f"/jobs/?q={EVIL}&type={EVIL}").content.decode()
    assert EVIL not in html


def test_a_filter_that_cannot_be_is_refused_in_words(api, kit, person):
    refused = person().get("/jobs/?type=not%20a%20type")
    assert refused.status_code == 422
    assert 'role="alert"' in refused.content.decode()


def test_columns_are_chosen_in_the_address(api, kit, person):
    kit.enqueue_many(60)
    html, _ = listed(person(), "/jobs/?column=queue&column=priority&column=nonsense")
    [classes] = re.findall(r'<table class="stack jobs ([^"]*)"', html)
    assert classes.split() == [
        f"without-{each}" for each in ("id", "created", "finished", "attempts", "took", "worker", "error", "payload")
    ]
    assert "column=queue&amp;column=priority&amp;cursor=" in html


def test_htmx_gets_the_list_alone(api, kit, person):
    kit.enqueue_many(2)
    part = person().get("/jobs/", headers={"HX-Request": "true", "HX-Target": "list"}).content.decode()
    assert part.startswith('<div id="list"')
    assert "<html" not in part


def test_who_may_only_look_has_nothing_to_choose(api, kit, person):
    kit.enqueue_many(2)
    html, ids = listed(person("Viewer"), "/jobs/")
    assert len(ids) == 2
    assert 'name="ids"' not in html
    assert "data-selection" not in html


def test_a_record_that_cannot_be_decoded_is_a_row_that_says_so(api, kit, person):
    kit.enqueue_many(2)
    broken = kit.enqueue()
    kit.client.call("HSET", kit.keys.metadata, broken, b"\xc1")
    html, ids = listed(person(), "/jobs/")
    assert (len(ids), ids[0]) == (3, broken)
    assert "unreadable record" in html


def test_errors_come_first_and_lead_to_their_jobs(api, kit, person):
    dead = [die(kit, queue="q") for _ in range(3)]
    die(kit, Failure("KeyError", "missing", "", "e" * 16), queue="q")
    client = person("Admin")
    html, groups = listed(client, "/dead-letters/")
    assert groups == ["b" * 16, "e" * 16]
    assert f'href="/dead-letters/jobs/?error={"b" * 16}"' in html
    assert f'href="/operations/new/?scope=dlq&amp;action=retry&amp;error={"b" * 16}"' in html
    html, ids = listed(client, f"/dead-letters/jobs/?error={'b' * 16}")
    assert ids == dead[::-1]
    assert "<h1>3 jobs died of ValueError</h1>" in html
    assert "Delete 3" in html


def test_an_error_is_resolved_ignored_and_opened_again(api, kit, person):
    die(kit, queue="q")
    client = person()
    token = client.get("/dead-letters/").context["csrf_token"]

    def say(verb):
        path = f"/dead-letters/{'b' * 16}/{verb}/"
        return client.post(path, {"csrfmiddlewaretoken": token, "next": "/dead-letters/"}, follow=True)

    assert "Nothing needs attention" in say("resolve").content.decode()
    assert listed(client, "/dead-letters/?status=resolved")[1] == ["b" * 16]
    kit.advance(1000)
    die(kit, queue="q")
    html, groups = listed(client, "/dead-letters/?status=regressed")
    assert groups == ["b" * 16]
    assert "resolved by ada" in html
    say("ignore")
    assert listed(client, "/dead-letters/?status=ignored")[1] == ["b" * 16]
    say("reopen")
    assert listed(client, "/dead-letters/?status=open")[1] == ["b" * 16]
    assert say("explode").status_code == 404
    looker = person("Viewer", "eve")
    token = looker.get("/dead-letters/").context["csrf_token"]
    assert looker.post(f"/dead-letters/{'b' * 16}/resolve/", {"csrfmiddlewaretoken": token}).status_code == 403
