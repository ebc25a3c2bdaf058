"""What people, or programs in their name, may send as a view: odd names, odd queries, and other people's ids."""

from __future__ import annotations

import threading

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connection

from monitoring import saved_views
from monitoring.models import LONGEST_NAME, LONGEST_QUERY, SavedView
from tests.monitoring.people import token
from tests.monitoring.test_saved_views import drop, names, save

EVIL = "<script>alert(1)</script>"
QUERIES = [
    "x" * 10_000,
    "q=" + "x" * 10_000,
    "&".join(f"a{at}=1" for at in range(900)),
    "status=%00",
    "status=%ff%fe",
    "%",
    "&&&===;;",
    f"q={EVIL}",
    "q=%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E",
    "cursor=evil&limit=1e9&next=//evil",
    "column=evil&column=id",
    "createdAfter=never&createdBefore=-99999999999h",
    "status=dead&status=evil&status=",
    "queue=%F0%9F%92%A9",
    "type=a&type=b&tag=" + "y" * 65,
    "ids=1&fingerprint=" + "z" * 300,
    "q=\ud800",
    "priority=high&priority=9",
    "javascript:alert(1)",
]
NAMES = [
    "x" * 10_000, EVIL, "{{ 7|add:7 }}{% debug %}", "'; DROP TABLE monitoring_savedview; --", "\u202egnp", "\x00",
    "\ud800", "💩" * 60, "a\u0301", "\u00e1", "=cmd|' /C calc'!A0", "../../etc/passwd", "\t\n", "\u200b", "%s%n",
    "None", "0",
]  # fmt: skip


@pytest.mark.parametrize("page", ["jobs", "dead-jobs"])
def test_whatever_is_kept_of_a_query_can_be_opened(api, kit, person, page):
    client = person()
    for number, query in enumerate(QUERIES):
        sent = query.encode("utf-8", "replace").decode()
        assert save(client, f"/jobs/?{sent}", f"odd {number}", page=page).status_code == 200
    for view in SavedView.objects.all():
        assert len(view.query) <= LONGEST_QUERY
        assert not {"cursor", "limit", "next", "evil"} & {part.partition("=")[0] for part in view.query.split("&")}
    for item in client.get("/views/").json()["items"]:
        assert item["address"].startswith("/jobs/" if page == "jobs" else "/dead-letters/jobs/")
        opened = client.get(item["address"])
        assert opened.status_code in (200, 422), item
        assert EVIL not in opened.content.decode()
        assert "<img src=x" not in opened.content.decode()


def test_a_name_is_refused_or_kept_as_it_is(api, kit, person):
    client = person("Admin")
    expected = []
    for name in NAMES:
        sent = name.encode("utf-8", "replace").decode()
        save(client, "/jobs/?queue=a", sent)
        if sent.isprintable() and 1 <= len(sent.strip()) <= LONGEST_NAME:
            expected.append(" ".join(sent.split()))
    assert sorted(view.name for view in SavedView.objects.all()) == sorted(expected)
    for path in ("/jobs/", "/"):
        page = client.get(path).content.decode()
        assert EVIL not in page
        assert "{{ 7|add:7 }}" in page or path == "/"


def test_one_name_twice_at_once_is_one_view(api, kit, person):
    person()
    user = get_user_model().objects.get(username="ada")
    gate, errors = threading.Barrier(8), []

    def put(number):
        gate.wait()
        try:
            saved_views.save(user, "jobs", "same", f"queue=q{number}", is_shared=False)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=put, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (errors, SavedView.objects.count()) == ([], 1)


@pytest.mark.parametrize("number", ["0", "1", str(2**31), str(2**63 - 1), str(2**63), str(10**300), "00001"])
def test_an_id_of_no_view_of_ones_own_is_not_found(api, kit, person, number):
    other = person(name="bob")
    save(other, "/jobs/?queue=b", "his")
    view = SavedView.objects.get()
    SavedView.objects.filter(pk=view.pk).update(id=1)
    client = person("Admin", "root")
    answer = client.post(f"/views/{number}/delete/", {"csrfmiddlewaretoken": token(client.get("/jobs/"))})
    assert answer.status_code == 404
    assert SavedView.objects.filter(name="his").exists()


def test_views_of_others_never_hide_ones_own(api, kit, person, monkeypatch):
    monkeypatch.setattr(saved_views, "MOST_SHOWN", 3)
    client, other = person(), person(name="bob")
    save(client, "/jobs/?queue=z", "z mine")
    for number in range(4):
        save(other, "/jobs/?queue=a", f"a {number}", shared="on")
    assert names(client) == ["z mine", "a 0", "a 1"]


def test_who_loses_the_right_to_share_shares_no_more_by_saving_again(api, kit, person):
    client = person()
    save(client, "/jobs/?queue=a", "ours", shared="on")
    user = get_user_model().objects.get(username="ada")
    user.groups.set(Group.objects.filter(name="Viewer"))
    save(client, "/jobs/?queue=b", "ours", shared="on")
    assert [(view.is_shared, view.query) for view in SavedView.objects.all()] == [(False, "queue=b")]
    assert drop(client, SavedView.objects.get()) == 200
