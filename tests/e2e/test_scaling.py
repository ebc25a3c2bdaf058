"""The page of a pool in a browser, with a scaler that decides: a new strategy, a mark that opens, a simulation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.template.defaultfilters import floatformat
from playwright.sync_api import Locator, Page, expect

from jobs.words import lasting
from tests.e2e.axe import axe
from tests.e2e.looking import overflow
from tests.e2e.words import EVIL
from tests.support.polling import wait_until

HERE = "/scaling/default/"
TRACE = "seconds,arrivals_per_second\n0,1\n60,4\n120,1\n180,1\n"
STRATEGIES = ["latency_target", "aggressive", "hpa"]
BEGIN = """
from scaling.models import ScalingPolicy
ScalingPolicy(pool="default", strategy="latency_target", minimum=1, maximum=7, interval=1, cooldown_down=0).save()
"""
END = "from scaling.models import ScalingPolicy; ScalingPolicy.objects.all().delete()"


@pytest.fixture(scope="module", autouse=True)
def scaler(installation) -> Iterator[None]:
    """Let a scaler decide about the pool each second, and leave no policy behind."""
    installation.shell(BEGIN)
    installation.kit.store.scaling.order("default", {"paused": b"", "by_hand": b""})
    with installation.scaler():
        yield
    installation.kit.store.scaling.order("default", {"by_hand": b""}, 1)
    installation.shell(END)


def last_decision(page: Page) -> dict[str, Any]:
    """What was decided last, as the API has it."""
    found: dict[str, Any] | None = page.context.request.get("/api/scaling/default").json()["lastDecision"]
    return found or {"strategy": "", "target": 0}


def as_on_the_page(row: dict[str, Any]) -> list[str]:
    """A row of the command's table, as cells of the page's."""
    never = {name: lasting(row[name]) or "never" for name in ("p50", "p95", "p99", "recovery")}
    return [
        row["title"],
        f"{floatformat(row['latePercent'], 2)} %",
        "–" if row["cost"] is None else floatformat(row["cost"], 2),
        *(never[name] for name in ("p50", "p95", "p99")),
        floatformat(row["workerHours"], "1g"),
        floatformat(row["actionsPerHour"], "-1g"),
        f"{row['flaps']:,}",
        never["recovery"],
    ]


def cells(row: Locator) -> list[str]:
    """What a row of the page's table says, but for whether it is drawn and active."""
    found = row.locator("td").all_inner_texts()[1:]
    return [found[0].split("\n")[0].removesuffix("active").strip(), *found[1:]]


def test_an_admin_changes_the_strategy_and_the_next_decision_names_it(visit):
    page = visit("Admin").page
    page.goto(HERE)
    wait_until(lambda: last_decision(page)["strategy"] == "latency_target", 20)
    page.get_by_role("link", name="Change it in the admin").click()
    page.locator("#result_list").get_by_role("link", name="default", exact=True).click()
    page.get_by_label("Strategy").fill("ml")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    wait_until(lambda: last_decision(page)["strategy"] == "ml", 20)
    page.goto(HERE)
    expect(page.locator("#now .headline")).to_contain_text("ml,")
    expect(page.locator("#sights tr.is-active")).to_contain_text("ml")
    expect(page.locator("#decisions .decision").first.locator(".facts").first).to_contain_text("ml")


def test_a_mark_opens_the_sentence_of_its_decision_and_an_order_is_ended(installation, visit):
    def is_followed() -> bool:
        registry.join_pool("default", "elsewhere", 6)  # a host with room for it
        return bool(last_decision(page)["target"] == 7)

    registry = installation.kit.store.registry
    registry.join_pool("default", "elsewhere", 6)
    page = visit("Operator").page
    page.goto(f"{HERE}?range=1h")
    page.get_by_role("spinbutton", name="Workers").fill("7")
    page.get_by_label("Reason").fill(EVIL)
    page.get_by_role("button", name="Set the number of workers").click()
    expect(page.locator("#toasts")).to_contain_text("default is to have 7 workers.")
    expect(page.locator("#now")).to_contain_text("operator wants 7 workers until")
    wait_until(is_followed, 20)
    page.goto(f"{HERE}?range=1h")
    page.locator("[data-chart=pool-workers] .decision-mark").first.click()
    change = page.locator(".change[open]")
    expect(change).to_contain_text("operator wants 7 workers")
    expect(change).to_contain_text(EVIL.split()[0])
    page.locator("#decisions .decision summary").first.click()
    assert (axe(page), overflow(page)) == ([], 0)
    change.locator("summary").press("Enter")
    expect(page.locator(".change[open]")).to_have_count(0)
    page.get_by_role("button", name="End it now").click()
    expect(page.locator("#toasts")).to_contain_text("The policy of default decides again.")
    expect(page.locator("#now")).not_to_contain_text("operator wants 7 workers until")
    registry.leave_pool("default", "elsewhere")


def test_a_simulation_is_run_from_the_page_and_its_table_equals_the_commands(installation, visit, tmp_path: Path):
    file = tmp_path / "load.csv"
    file.write_text(TRACE)
    page = visit("Admin").page
    page.goto(HERE)
    page.get_by_role("link", name="Simulate").click()
    expect(page.get_by_label("File of a trace")).to_be_hidden()
    page.get_by_label("Load", exact=True).select_option("trace")
    expect(page.get_by_label("How many days")).to_be_hidden()
    page.get_by_label("File of a trace").set_input_files(file)
    for box in page.locator("[name=strategy]").all():
        box.set_checked(box.get_attribute("value") in STRATEGIES)
    page.get_by_text("Another pool than this one").click()
    for label, value in (("Wait goal", "2 s"), ("Start-up", "1 s"), ("Mean time", "1 s"), ("keeps busy", "6")):
        page.get_by_label(re.compile(label)).fill(value)
    page.get_by_role("button", name="Run the simulation").click()
    rows = page.locator(".simulated tbody tr")
    expect(rows).to_have_count(len(STRATEGIES) + 1, timeout=30_000)
    options = ("--goal", "2", "--startup", "1", "--service", "1", "--peak", "6")
    chosen = [word for name in STRATEGIES for word in ("--strategy", name)]
    printed = json.loads(installation.command("simulate_scaling", str(file), "--json", *options, *chosen))
    assert sorted(map(cells, rows.all())) == sorted(map(as_on_the_page, printed["results"]))
    expect(page.locator("[data-chart=sim-workers] canvas")).to_be_visible()
    assert (axe(page), overflow(page)) == ([], 0)
