"""A deploy broke one handler and a fix is out: its dead jobs are retried at a rate, and watched, with three clicks."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.perf.recipe import fingerprint_of
from tests.support.polling import wait_until

A_SECOND = 1000
WATCH = """() => {
    window.progress = [];
    const look = () => {
        const value = document.querySelector("progress").value;
        if (window.progress.at(-1) !== value) window.progress.push(value);
    };
    look();
    const all = {childList: true, subtree: true, attributes: true};
    new MutationObserver(look).observe(document.querySelector("main"), all);
}"""
REASON = "the fix is out"


def test_a_group_of_5000_dead_jobs_is_retried_once_however_often_one_clicks(visit_crowded, crowded):
    page = visit_crowded().page
    before, dead = crowded.kit.reader.totals(), crowded.kit.reader.groups()[fingerprint_of(0)].count
    assert dead == crowded.recipe.largest_group == 5000
    page.goto("/")
    page.locator("#errors").get_by_role("link", name=re.compile("step 0 refused")).click()
    page.get_by_role("link", name="Retry 5,000").click()
    page.get_by_label("At most, a second").fill(str(A_SECOND))
    page.get_by_label("Reason").fill(REASON)
    page.get_by_role("button", name="Retry 5,000 jobs").dblclick()  # the third click, by a nervous finger
    page.wait_for_url(re.compile(r"/operations/(?!start|new)[^/]+/$"))
    page.evaluate(WATCH)
    expect(page.locator("main")).to_contain_text("5,000 done of 5,000", timeout=60_000)
    seen = page.evaluate("() => window.progress")
    assert len(seen) >= 3
    assert seen == sorted(seen)
    assert seen[-1] == 100
    assert fingerprint_of(0) not in crowded.kit.reader.groups()

    def completed() -> bool:
        return bool(crowded.kit.reader.totals()["completed"] >= before["completed"] + dead)

    wait_until(completed, 60.0, interval=0.1)
    numbers = [number for number in range(crowded.recipe.settled) if crowded.recipe.group(number) == 0]
    records = crowded.kit.reader.records([crowded.recipe.request(number).id for number in numbers])
    assert [(each.state.label, each.executions) for each in records if each] == [("completed", 2)] * dead
    assert crowded.kit.reader.totals()["completed"] == before["completed"] + dead
    page.goto(f"/audit/?q={REASON}")
    entries = page.locator("main tbody tr")
    expect(entries).to_have_count(1)
    expect(entries).to_contain_text("5,000")
