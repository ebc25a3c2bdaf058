"""The pages of schedules: what is due when, what became of it, and what people do about it."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime

import pytest

from monitoring import frame
from schedules.models import Schedule
from tests.monitoring.people import submit
from tests.monitoring.scaling_fixtures import words
from tests.monitoring.schedule_fixtures import HOUR, ago, make, ticked

__all__ = ["make"]
HERE = "/schedules/"
EVIL = "<img src=x onerror=alert(1)>"


def rows(page) -> list[str]:
    """The names in a list, in its order."""
    return re.findall(r'<tr class="is-tall" data-key="([^"]+)"', page.content.decode())


def part(client, name: str, address: str) -> str:
    """One part of a page as htmx gets it."""
    answer = client.get(address, headers={"HX-Request": "true", "HX-Target": name})
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    return words(answer)


def test_without_a_schedule_the_page_gives_the_line_that_makes_one(api, person):
    page = words(person("Viewer").get(HERE))
    assert "There is no schedule yet" in page
    assert "curl http://testserver/api/schedules" in page
    assert "New schedule" not in page
    assert "New schedule" in words(person("Admin", "eve").get(HERE))


def test_a_row_says_what_when_and_what_became_of_it(make, kit, person):
    schedule = make(
        queue="reports", cron="30 3 * * MON-FRI", timeZone="Europe/Berlin", row={"enqueued": 1204, "skipped": 3}
    )
    worker = kit.worker()
    claim = kit.claimed(worker)
    ticked(schedule, "enqueued", job_id=claim.id)
    page = person("Viewer").get(HERE)
    said = words(page)
    assert "nightly report on reports" in said
    assert "At 03:30 on Monday through Friday 30 3 * * MON-FRI · Europe/Berlin" in said
    assert re.search(r"in \d+ \w+ (Mon|Tue|Wed|Thu|Fri) \d+ \w{3}, 03:30", said)
    assert re.search(r"active \d+ \w+ ago", said)
    assert f'href="/jobs/{claim.id}/"' in page.content.decode()
    assert "1,204 3 left out" in said


def test_the_job_of_a_tick_that_is_gone_has_no_link(make, person):
    ticked(make(), "enqueued", job_id="00f0abababababababab11")
    client = person("Viewer")
    for address in (HERE, f"{HERE}nightly/"):
        page = client.get(address)
        assert "enqueued" in words(page)
        assert 'href="/jobs/00f0' not in page.content.decode()


def test_those_with_trouble_come_first_and_can_be_listed_alone(make, kit, person):
    make("a-well")
    make("b-late", row={"next_at": ago(kit, seconds=16)})
    make("c-just-due", row={"next_at": ago(kit, seconds=5)})
    ticked(make("d-refused"), "refused", detail="no handler has the type report")
    make("e-off", row={"paused": True, "next_at": None})
    client = person("Viewer")
    page = client.get(HERE)
    assert rows(page) == ["b-late", "d-refused", "a-well", "c-just-due", "e-off"]
    assert "All 5 On 4 Paused 1 Trouble 2" in words(page)
    assert "no handler has the type report" in words(page)
    assert rows(client.get(f"{HERE}?state=trouble")) == ["b-late", "d-refused"]
    assert rows(client.get(f"{HERE}?state=paused")) == ["e-off"]
    assert rows(client.get(f"{HERE}?state=odd"))[0] == "b-late"


def test_the_list_is_sorted_by_what_comes_next(make, kit, person):
    make("later", row={"next_at": ago(kit, hours=-2)})
    make("off", row={"paused": True, "next_at": None})
    make("sooner", row={"next_at": ago(kit, hours=-1)})
    client = person("Viewer")
    assert rows(client.get(f"{HERE}?order=next")) == ["sooner", "later", "off"]
    assert 'aria-sort="ascending"><a href="?order=next">' in client.get(f"{HERE}?order=next").content.decode()


def test_a_long_list_has_pages_and_is_searched(make, person):
    first = make("tenant-000", queue="mail", tags=["vip"])
    for number in range(1, 60):
        first.pk, first.name, first.queue, first.tags = None, f"tenant-{number:03}", "", []
        first.save(force_insert=True)
    client = person("Viewer")
    assert rows(client.get(HERE)) == [f"tenant-{number:03}" for number in range(50)]
    assert len(rows(client.get(f"{HERE}?page=2"))) == 10
    for text in ("mail", "VIP", "tenant-000"):
        assert rows(client.get(f"{HERE}?name={text}")) == ["tenant-000"]
    assert "No schedule has “xyz”" in words(client.get(f"{HERE}?name=xyz"))


def test_the_parts_that_move_come_alone(make, person):
    make()
    client = person("Viewer")
    assert "nightly" in part(client, "schedules", HERE)
    assert "Next ticks" in part(client, "schedule", f"{HERE}nightly/")


def test_a_page_on_which_nothing_has_changed_is_not_painted_again(make, person):
    schedule = make()
    client, headers = person("Viewer"), {"HX-Request": "true", "HX-Target": "schedule"}
    [seen] = re.findall(r'hx-get="(\?seen=\w+)"', client.get(f"{HERE}nightly/").content.decode())
    assert client.get(f"{HERE}nightly/{seen}", headers=headers).status_code == 204
    ticked(schedule, "enqueued")
    assert "enqueued" in part(client, "schedule", f"{HERE}nightly/{seen}")


def test_the_palette_gets_the_names(make, person):
    make("b")
    make("a", row={"paused": True})
    found = person("Viewer").get(f"{HERE}names.json").json()["items"]
    assert found == [{"name": "a", "paused": True}, {"name": "b", "paused": False}]


def test_the_page_of_one_says_what_comes_what_came_and_what_it_enqueues(make, person):
    schedule = make(
        cron="30 3 * * *", timeZone="Europe/Berlin", payload={"days": 1}, tags=["vip"], maxRetries=5, timeout=90_000,
        overlap="skip", missed="all",
    )  # fmt: skip
    ticked(schedule, "enqueued", 3)
    ticked(schedule, "skipped", 2, detail="the job of an earlier tick is unfinished", job_id="00f0abababababababab11")
    ticked(schedule, "missed", 1, detail="7 ticks")
    said = words(person("Viewer").get(f"{HERE}nightly/"))
    assert "At 03:30 every day , Europe/Berlin" in said
    assert len(re.findall(r"\w{3} \d+ \w{3}(?: \d{4})?, 03:30", said.partition("Next ticks")[2])) >= 10
    assert re.search(r"missed .* 7 ticks .*skipped .* the job of an earlier tick is unfinished .* enqueued", said)
    assert "40 ms" in said
    for fact in ("Retries 5", "May take 1 min", "Tags vip", "skips a tick while", "oldest first", "days : 1"):
        assert fact in said


def test_past_ticks_have_pages(make, person):
    schedule = make()
    for hours in range(1, 26):
        ticked(schedule, "enqueued", hours)
    client = person("Viewer")
    page = client.get(f"{HERE}nightly/").content.decode()
    [older] = re.findall(r'href="(\?cursor=[^"]+)">Older', page)
    said = client.get(f"{HERE}nightly/{html.unescape(older)}").content.decode()
    assert said.count('class="state state-enqueued"') == 5
    assert ">Latest</a>" in said
    assert client.get(f"{HERE}nightly/?cursor=odd").status_code == 422


def test_an_overdue_one_says_so(make, kit, person):
    make(row={"next_at": ago(kit, minutes=3)})
    said = words(person("Viewer").get(f"{HERE}nightly/"))
    assert re.search(r"The tick of \w{3} \d+ \w{3}, [\d:]+ is overdue", said)
    assert "manage.py scheduler" in said


def test_one_that_was_refused_last_says_why(make, person):
    ticked(make(), "refused", detail="no handler has the type report")
    assert "The last tick was refused: no handler has the type report" in words(person("Viewer").get(f"{HERE}nightly/"))


def test_a_schedule_that_was_spoilt_in_the_database_has_a_page_and_a_row(make, person):
    make(row={"cron": "odd", "time_zone": "Nowhere/City", "payload": "{", "next_at": None, "overlap": "x"})
    client = person("Viewer")
    assert "unreadable" in words(client.get(f"{HERE}nightly/"))
    assert "unreadable" in words(client.get(HERE))


def test_what_may_not_be_seen_is_masked(make, person):
    make(payload={"password": "hunter2"})
    assert "hunter2" not in person("Viewer").get(f"{HERE}nightly/").content.decode()
    assert "hunter2" in person("Admin", "eve").get(f"{HERE}nightly/").content.decode()


def test_what_people_write_is_shown_and_never_run(make, person):
    ticked(make(payload={EVIL: EVIL}), "refused", detail=EVIL)
    client = person("Admin")
    for address in (HERE, f"{HERE}nightly/", f"{HERE}nightly/edit/", f"{HERE}?name={EVIL}"):
        assert EVIL not in client.get(address).content.decode()
    assert html.escape(EVIL) in client.get(f"{HERE}nightly/").content.decode()


@pytest.mark.parametrize("name", ["nowhere", "%3Cb%3E", "..", "x" * 65])
def test_there_is_no_page_of_a_schedule_that_is_none(api, person, name):
    assert person("Admin").get(f"{HERE}{name}/").status_code == 404


def test_the_headline_of_every_page_says_that_ticks_are_overdue(make, kit, person):
    kit.worker()
    make("fine")
    client = person("Viewer")
    assert "overdue" not in words(client.get("/"))
    make("late", row={"next_at": ago(kit, minutes=3)})
    frame.keep(frame.UNKNOWN, seconds=0)
    for address in ("/", "/workers/", HERE):
        assert re.search(r"[Ss]chedule late is overdue by 3 min", words(client.get(address)))


def test_the_pages_are_there_while_the_store_is_away(without_store, person):
    now = datetime.now(UTC)
    made = Schedule.objects.create(name="nightly", type="report", cron="0 3 * * *", since=now, next_at=now + HOUR)
    ticked(made, "enqueued", job_id="00f0abababababababab11")
    client = person("Admin")
    page = client.get(HERE)
    assert (page.status_code, rows(page)) == (200, ["nightly"])
    page = client.get(f"{HERE}nightly/")
    assert (page.status_code, "Next ticks" in words(page)) == (200, True)
    assert "Paused nightly." in words(submit(client, page, f"{HERE}nightly/pause/"))
    assert Schedule.objects.get().paused
