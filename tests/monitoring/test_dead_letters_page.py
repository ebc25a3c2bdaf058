"""The page of errors: largest first, live, a page at a time, found by their words."""

import re

import pytest

from jobs.types import Failure
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
