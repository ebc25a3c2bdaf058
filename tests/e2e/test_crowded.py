"""Pages of an installation with many jobs."""

from tests.e2e.pages import PAGES, address_of


def test_every_page_opens_on_many_jobs(visit_crowded, crowded):
    window = visit_crowded("Admin").page
    for page in PAGES:
        answer = window.goto(address_of(page, crowded.places))
        assert answer.status == 200, page.name


def test_the_overview_counts_many_jobs(visit_crowded, crowded):
    window = visit_crowded("Viewer").page
    window.goto("/")
    text = window.locator("main").inner_text()
    counts = crowded.kit.reader.state_counts()
    assert counts["pending"] == crowded.recipe.jobs - crowded.recipe.settled
    assert counts["dead"] >= crowded.recipe.dead - crowded.recipe.largest_group  # which may have been retried
    for state in ("pending", "dead"):
        assert f"{counts[state]:,}" in text
