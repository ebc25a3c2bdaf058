"""Views that people save: their own, shared ones, and what is kept of an address."""

import re

import pytest
from django.test import Client

from monitoring import saved_views
from monitoring.models import SavedView
from tests.monitoring.people import token


def names(client, path="/jobs/"):
    """The views in the menu of a list, in order."""
    html = client.get(path).content.decode()
    [menu] = re.findall(r'<div class="menu drops views-menu".*?<hr>', html, re.DOTALL)
    return re.findall(r'<span class="truncate">([^<]*)</span>', menu)


def save(client, path, name, page="jobs", **fields):
    fields |= {"page": page, "name": name, "query": path.partition("?")[2], "next": "/jobs/"}
    return client.post("/views/save/", {"csrfmiddlewaretoken": token(client.get("/jobs/")), **fields}, follow=True)


def drop(client, view):
    return client.post(
        f"/views/{view.pk}/delete/", {"csrfmiddlewaretoken": token(client.get("/jobs/"))}, follow=True
    ).status_code


def test_a_list_is_saved_and_found_again(api, kit, person):
    client = person()
    path = "/jobs/?status=dead&queue=mail&createdAfter=-1h&column=id&column=error"
    page = save(client, f"{path}&cursor=abc&evil=1", "  mail \t now ")
    assert "The view mail now is saved." in page.content.decode()
    [view] = SavedView.objects.all()
    assert (view.page, view.name, f"/jobs/?{view.query}") == ("jobs", "mail now", path)
    assert names(client) == ["mail now"]
    assert names(client, "/dead-letters/jobs/") == []
    assert client.get("/views/").json() == {"items": [{"name": "mail now", "page": "Jobs", "address": path}]}
    save(client, "/jobs/?queue=other", "mail now")
    assert [each.query for each in SavedView.objects.all()] == ["queue=other"]


def test_a_view_is_for_its_owner_unless_it_is_shared(api, kit, person):
    operator, viewer = person(), person("Viewer", "eve")
    save(operator, "/jobs/?queue=a", "mine")
    save(operator, "/jobs/?queue=b", "ours", shared="on")
    save(viewer, "/jobs/?queue=c", "hers", shared="on")
    assert names(operator) == ["mine", "ours"]
    assert names(viewer) == ["hers", "ours"]
    assert SavedView.objects.get(name="hers").is_shared is False


def test_only_owners_and_administrators_delete_a_view(api, kit, person):
    operator, viewer, admin = person(), person("Viewer", "eve"), person("Admin", "root")
    save(operator, "/jobs/?queue=a", "mine")
    save(operator, "/jobs/?queue=b", "ours", shared="on")
    mine, ours = SavedView.objects.get(name="mine"), SavedView.objects.get(name="ours")
    assert f'action="/views/{ours.pk}/delete/"' not in viewer.get("/jobs/").content.decode()
    assert [drop(viewer, mine), drop(viewer, ours), drop(admin, mine)] == [404, 404, 404]
    assert drop(admin, ours) == 200
    assert names(operator) == ["mine"]
    assert drop(operator, mine) == 200
    assert SavedView.objects.count() == 0


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x00b", "a\u202eb"])
def test_a_name_that_cannot_be_is_refused_in_words(api, kit, person, name):
    assert "Give the view a name" in save(person(), "/jobs/", name).content.decode()
    assert SavedView.objects.count() == 0


def test_views_have_a_number_and_a_size(api, kit, person, monkeypatch):
    monkeypatch.setattr(saved_views, "MOST_VIEWS", 2)
    client = person()
    for name in ("a", "b", "c"):
        page = save(client, "/jobs/?queue=a", name)
    assert "which is the most" in page.content.decode()
    save(client, "/jobs/?queue=z", "b")
    assert names(client) == ["a", "b"]
    long = "&".join(f"tag={'x' * 60}{at}" for at in range(40))
    assert "too many filters" in save(client, f"/jobs/?{long}", "a").content.decode()


def test_a_name_is_text_and_a_view_leads_nowhere_else(api, kit, person):
    client = person()
    evil = "<script>alert(1)</script>"
    save(client, "/jobs/?queue=a", evil)
    html = client.get("/jobs/").content.decode()
    assert evil not in html
    assert "&lt;script&gt;" in html
    away = client.post(
        "/views/save/",
        {
            "csrfmiddlewaretoken": token(client.get("/jobs/")),
            "page": "jobs",
            "name": "x",
            "next": "https://example.com/",
        },
    )
    assert away["Location"] == "/jobs/"
    assert save(client, "/jobs/", "x", page="login").status_code == 404


def test_who_may_not_look_saves_nothing(api, kit, person):
    nobody = person("")
    assert nobody.get("/views/").status_code == 403
    assert Client(enforce_csrf_checks=True).post("/views/save/", {"page": "jobs", "name": "x"}).status_code == 403
    assert SavedView.objects.count() == 0
