"""What is done from the first page: pause and resume, on the record, for those who may; and what is asked for again."""

import re
from dataclasses import replace

import pytest
from django.test import Client

from jobs.models import AuditEntry
from jobs.types import Failure
from tests.support.jobs import completed, failed


def token(page):
    return re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())[-1]


def first_error(client):
    """What the page says under its headline."""
    return re.findall(r'id="first-error">(.*?)</p>', client.get("/").content.decode(), re.DOTALL)[0]


def test_a_queue_is_paused_and_resumed_with_an_entry_for_each(api, kit, person):
    kit.enqueue(queue="mail")
    client = person()
    page = client.get("/")
    assert 'action="/queues/mail/pause/"' in page.content.decode()
    form = {"csrfmiddlewaretoken": token(page), "next": "/?range=5m"}
    answer = client.post("/queues/mail/pause/", form)
    assert (answer.status_code, answer["Location"]) == (302, "/?range=5m")
    paused = client.get("/").content.decode()
    assert 'data-undo="/queues/mail/resume/"' in paused
    assert 'data-paused="yes" id="queue-mail"' in paused
    assert "mail is paused: 1 job waiting" in paused
    client.post("/queues/mail/resume/", form)
    assert kit.reader.paused() == {}
    entries = AuditEntry.objects.order_by("id").values_list("action", "actor", "target_id", "status")
    assert list(entries) == [("queue.pause", "ada", "mail", "done"), ("queue.resume", "ada", "mail", "done")]


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)", "no-page",
     "job", "?x", "#", "é", "\0"],
)  # fmt: skip
def test_no_form_leads_away_from_the_site(api, kit, person, elsewhere):
    kit.enqueue(queue="mail")
    client = person()
    form = {"csrfmiddlewaretoken": token(client.get("/")), "next": elsewhere}
    answer = client.post("/queues/mail/pause/", form)
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_who_may_only_look_has_no_button_and_is_refused(api, kit, person):
    kit.enqueue(queue="mail")
    client = person("Viewer")
    page = client.get("/")
    assert "/queues/mail/pause/" not in page.content.decode()
    assert client.post("/queues/mail/pause/", {"csrfmiddlewaretoken": token(page)}).status_code == 403
    assert kit.reader.paused() == {}


def test_a_stranger_is_sent_to_log_in(api, kit):
    kit.enqueue(queue="mail")
    assert Client().post("/queues/mail/pause/")["Location"].startswith("/login/")
    assert kit.reader.paused() == {}


def test_a_queue_that_is_not_there_is_said_to_be_missing(api, kit, person):
    client = person()
    answer = client.post("/queues/none/pause/", {"csrfmiddlewaretoken": token(client.get("/"))}, follow=True)
    assert "There is no such queue." in answer.content.decode()


def test_queues_with_a_cause_stand_over_the_charts_and_the_others_under_them(api, kit, person):
    client = person()
    assert re.search(r'id="troubled"[^>]* hidden>', client.get("/").content.decode())
    for name in ("a", "b", "mail"):
        kit.enqueue(queue=name)
    for number in range(7):
        kit.operator.pause(f"stopped-{number}")
        kit.enqueue(queue=f"stopped-{number}")
    page = client.get("/").content.decode()
    over, under = page[: page.index("data-charts")], page[page.index("data-charts") :]
    assert re.findall(r'id="queue-([^"]+)"', over) == ["a", "b", "mail", "stopped-0", "stopped-1", "stopped-2"]
    assert len(re.findall(r'id="queue-([^"]+)"', under)) == 5
    assert not re.search(r'id="troubled"[^>]* hidden>', page)


def test_the_first_error_leads_to_where_all_of_it_are_retried(api, kit, person):
    kit.enqueue_many(60, type="charge-card", payload=b'{"password": "hunter2"}')
    worker = kit.worker()
    for message, letter, count in (("hunter2 is over", "a", 5), ("declined", "b", 4)):
        failure = Failure("ValueError", message, "", letter * 16)
        worker.fail([failed(claim, failure, final=True) for claim in kit.claim(worker, count)])
    client = person()
    said = first_error(client)
    assert "Most frequent error: 5 dead charge-card" in said
    assert "ValueError: ••• is over" in said
    [address] = re.findall(r'href="([^"]+)"', said)
    assert address == f"/dead-letters/jobs/?error={'a' * 16}"
    group = client.get(address).content.decode()
    assert "5 jobs died of ValueError" in group
    assert re.search(r"scope=dlq&amp;action=retry&amp;error=a{16}", group)
    assert "Retry 5<" in group


def test_the_first_error_is_the_one_that_jobs_die_of_now(api, kit, person):
    kit.enqueue_many(131, type="charge-card")
    worker = kit.worker()
    for letter, count, moved_ms in (("a", 80, -400_000), ("b", 51, 400_000)):
        kit.advance(moved_ms)
        failure = Failure("ValueError", "declined", "", letter * 16)
        worker.fail([failed(claim, failure, final=True) for claim in kit.claim(worker, count)])
    said = first_error(person())
    assert "Most frequent error now: 51 dead charge-card" in said
    assert f"?error={'b' * 16}" in said


def test_a_job_that_completed_in_the_end_shows_no_error(api, kit, person):
    worker = kit.worker()
    worker.fail([failed(kit.claimed(worker), Failure("ValueError", "an old one", "", "f" * 16), delay_ms=0)])
    kit.promote()
    [claim] = kit.claim(worker)
    client = person()
    assert "an old one" in client.get("/").content.decode()
    worker.complete([completed(claim)])
    assert "an old one" not in client.get("/").content.decode()


def test_what_has_died_is_asked_for_apart(api, kit, person):
    worker = kit.worker()
    claim = kit.claimed(worker, type="charge-card")
    worker.fail([failed(claim, Failure("ValueError", "declined", "", "f" * 16), final=True)])
    part = person().get("/?part=errors").content.decode()
    assert part.lstrip().startswith('<div class="pair wide-first" id="errors"')
    assert "ValueError: declined" in part
    assert 'id="first-error" hx-swap-oob="true"' in part
    assert "<html" not in part


@pytest.mark.parametrize(("wanted", "shown"), [("", "1h"), ("?range=7d", "7d"), ("?range=<x>", "1h")])
def test_the_range_of_the_charts_is_in_the_address(api, person, wanted, shown):
    page = person().get(f"/{wanted}").content.decode()
    assert f'data-range="{shown}"' in page
    assert f'href="?range={shown}" aria-current="true"' in page


def test_the_figures_of_the_charts_are_there_without_scripts(api, kit, person):
    page = person().get("/").content.decode()
    assert "The last minute as a table" in page
    assert page.count("<td>Queue depth</td>") == 3


def test_the_environment_is_named_in_its_colour(api_config, use, person):
    use(replace(api_config, environment_name="production", environment_color="red"))
    assert '<span class="environment environment-red" title="production">production</span>' in (
        person().get("/").content.decode()
    )


def test_the_goal_is_a_line_in_the_charts_of_waiting(api_config, use, person):
    use(replace(api_config, latency_goal_ms=30_000))
    page = person().get("/").content.decode()
    assert page.count('data-goal="30000"') == 2
    use(api_config)
    assert "data-goal" not in person(name="eve").get("/").content.decode()


def test_the_title_counts_the_dead(api, kit, person):
    worker = kit.worker()
    worker.fail([failed(kit.claimed(worker), Failure("ValueError", "no", "", "f" * 16), final=True)])
    assert "<title>(1) Overview · QueueFlow</title>" in person().get("/").content.decode()


def test_only_those_who_may_look_read_in_the_frame_how_things_are(api, kit, person):
    worker = kit.worker()
    worker.fail([failed(kit.claimed(worker), Failure("ValueError", "no", "", "f" * 16), final=True)])
    assert "No worker is alive" in person().get("/schedules/").content.decode()
    barred = person(role="", name="eve")
    for page in (barred.get("/"), barred.get("/nowhere/"), Client().get("/login/")):
        text = page.content.decode()
        assert "(1)" not in text
        assert "No worker is alive" not in text
        assert "data-live-topics" not in text


def test_an_address_without_a_page_is_said_to_have_none(api, person):
    page = person().get("/nowhere/")
    assert page.status_code == 404
    assert "No page has the address <code>/nowhere/</code>" in page.content.decode()
    assert "User name" not in Client().get("/nowhere/").content.decode()
