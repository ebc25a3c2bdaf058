"""What jobs carry is text on every page, whatever it says: it never runs and makes no element.

The kit sees injected scripts and elements by itself and fails the test, see `watching`.
"""

from __future__ import annotations

import pytest

from tests.e2e.pages import PAGES, address_of
from tests.e2e.words import EVIL, TEMPLATE

MOST_HOVERED = 12
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@every_page
@pytest.mark.parametrize("role", ["Viewer", "Admin"])
def test_what_jobs_carry_is_text_on_a_page(walk, installation, page, role):
    if role not in page.roles:
        role = page.roles[-1]
    window, watch = walk(role)
    window.goto(address_of(page, installation.places))
    watch.check()
    places = window.locator("[title*='data-evil'], [data-tip*='data-evil']").filter(visible=True)
    for place in places.all()[:MOST_HOVERED]:
        place.hover()
        watch.check()


def test_the_overview_shows_poison_as_it_is(visit, installation):
    window = visit("Admin").page
    window.goto("/")
    text = window.locator("main").inner_text()
    assert EVIL in text
    assert TEMPLATE in text


def test_what_jobs_carry_is_text_in_rows_that_arrive_live(visit, installation):
    windows = [(page, visit("Admin")) for page in PAGES if page.live]
    for page, (window, _) in windows:
        window.goto(address_of(page, installation.places))
    latest = installation.poison.plant()
    for _, (window, watch) in windows:
        window.locator(f"[href*='{latest}']").first.wait_for()
        watch.check()


def test_what_jobs_carry_is_text_in_answers_of_the_interface(visit, installation):
    window = visit("Admin").page
    window.goto("/")
    for job_id in installation.poison.ids.values():
        answer = window.context.request.get(f"/api/jobs/{job_id}")
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
