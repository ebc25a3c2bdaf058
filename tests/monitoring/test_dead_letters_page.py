"""The page of errors: largest first, live, a page at a time, found by their words."""

import re

import pytest

from jobs.types import Failure
from tests.monitoring.people import submit
from tests.support.jobs import failed


@pytest.fixture
def die(kit):
    """Return a function that lets jobs of a type die of the error with this number."""
    worker = kit.worker()

    def run(number=0, count=1, job_type="mail", message=""):
        failure = Failure("ValueError", message or f"error number {number}", "", f"{number:016x}")
        claims = [kit.claimed(worker, type=job_type) for _ in range(count)]
        worker.fail([failed(claim, failure, final=True) for claim in claims])

    return run


def keys(page):
    return re.findall(r'<tr[^>]* data-key="([^"]+)"', page.content.decode())


def test_the_list_asks_for_itself_again_while_nobody_is_at_work_in_it(api, person, die):
    die(1)
    client = person()
    page = client.get("/dead-letters/?status=open").content.decode()
    assert 'id="letters" hx-get="/dead-letters/?status=open" hx-trigger="refresh"' in page
    assert 'data-refresh="2000" data-refresh-at-rest' in page
    assert "js/refresh" in page
    die(2, count=3)
    part = client.get("/dead-letters/?status=open", headers={"HX-Request": "true", "HX-Target": "letters"})
    assert keys(part) == [f"{2:016x}", f"{1:016x}"]
    html = part.content.decode()
    assert html.startswith('<div class="stack-4" id="letters"')
    assert 'Open <span class="count">2</span>' in html
    assert "<html" not in html


def test_errors_come_a_page_at_a_time_without_scripts(api, person, die):
    for number in range(1, 54):
        die(number, count=2 if number == 1 else 1)
    client = person()
    pages = [client.get(f"/dead-letters/?page={number}") for number in (1, 2, 9)]
    assert [len(keys(page)) for page in pages] == [50, 3, 3]
    assert sorted(keys(pages[0]) + keys(pages[1])) == [f"{number:016x}" for number in range(1, 54)]
    assert keys(pages[0])[0] == f"{1:016x}"
    texts = [page.content.decode() for page in pages]
    assert "1–50 of 53, most jobs first" in texts[0]
    assert 'href="?page=2">Next</a>' in texts[0]
    assert "51–53 of 53" in texts[1]
    assert 'href="?">Previous</a>' in texts[2]


def test_an_error_is_found_by_its_words_and_by_its_types(api, person, die):
    die(1, message="card was declined", job_type="charge")
    die(2, message="no such host")
    client = person()
    found = client.get("/dead-letters/?name=DECLINED")
    assert keys(found) == [f"{1:016x}"]
    assert "1 of 2 match" in found.content.decode()
    assert keys(client.get("/dead-letters/?name=charge")) == [f"{1:016x}"]
    none = client.get("/dead-letters/?name=nothing&status=open").content.decode()
    assert "No error has “nothing” in its line or its types." in none
    assert 'href="?status=open">Show all</a>' in none


def test_what_was_said_of_an_error_is_taken_back_by_a_button(api, person, die):
    die(1)
    client = person()
    page = client.get("/dead-letters/")
    for verb in ("resolve", "ignore"):
        said = submit(client, page, f"/dead-letters/{1:016x}/{verb}/", next="/dead-letters/").content.decode()
        assert f'data-undo="/dead-letters/{1:016x}/reopen/"' in said
        assert keys(client.get("/dead-letters/")) == []
        again = submit(client, page, f"/dead-letters/{1:016x}/reopen/", next="/dead-letters/")
        assert "data-undo" not in again.content.decode()
        assert keys(client.get("/dead-letters/")) == [f"{1:016x}"]


def test_the_pause_of_a_type_is_taken_back_by_a_button(api, kit, person, die):
    die(job_type="send/mail")
    client = person()
    page = client.get("/queues/")
    paused = submit(client, page, "/types/send/mail/pause/").content.decode()
    assert 'data-undo="/types/send/mail/resume/"' in paused
    assert set(kit.type_pauses.all()) == {"send/mail"}
    resumed = submit(client, page, "/types/send/mail/resume/").content.decode()
    assert 'data-undo="/types/send/mail/pause/"' in resumed
