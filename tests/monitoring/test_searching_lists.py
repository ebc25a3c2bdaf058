"""Lists that look at jobs one by one: they say how far they have looked, and go on by themselves."""

from jobs.api import searching
from tests.monitoring.test_jobs_page import listed


def test_a_list_says_how_far_it_has_looked(api, kit, person):
    kit.enqueue("needle", type="rare")
    for _ in range(3):
        kit.enqueue_many(1000)
    html, ids = listed(person(), "/jobs/?type=rare")
    assert ids == []
    assert "Searched 2,000 of 3,001" in html
    assert "Search on" in html
    assert '<div id="list"' in html
    assert " data-searching>" in html  # it goes on by itself
    whole, ids = listed(person(name="bob"), "/jobs/")
    assert (len(ids), "data-searching" in whole) == (50, False)


def test_a_list_that_has_to_wait_for_other_searches_says_so_and_comes_by_itself(api, kit, person, monkeypatch):
    monkeypatch.setattr(searching, "PATIENCE_SECONDS", 0.0)
    with searching.searching(True), searching.searching(True):
        page = person().get("/jobs/?tag=vip")
    html = page.content.decode()
    assert (page.status_code, "2 searches run already." in html) == (429, True)
    assert " data-searching>" in html
    assert '<a class="button" href="/jobs/?tag=vip" data-go-on>Search on</a>' in html
