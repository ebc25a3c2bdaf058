"""Opens each page in both themes and two sizes, and takes its picture."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal, NamedTuple

from playwright.sync_api import Browser, Page

from tests.support.browser import launched

from . import schedules
from .installation import Demo

SIZES: Final = {"desktop": (1440, 900), "phone": (390, 844)}
THEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
SETTLE_MS: Final = 1500  # the first live frames, and charts
SIMULATION_MS: Final = 120_000
# The height of pictures that show more than a screen: the queues under the charts, all charts of a pool.
TALL: Final = {"overview": 1340, "pool": 990, "simulation": 960}
SIMULATED: Final = ("latency_target", "default", "predictive", "conservative", "hpa", "keda", "knative")


class Shot(NamedTuple):
    """A page: its name, its address, and where to find one if it is about a thing: the first such link on `path`."""

    name: str
    path: str
    first: str = ""


SHOTS: Final = (
    Shot("overview", "/?range=5m"),
    Shot("jobs", "/jobs/"),
    Shot("job", "/jobs/?type=process-order&status=completed", "tbody a[href^='/jobs/']"),
    Shot("running", "/jobs/?status=active&queue=training&queue=video", "tbody a[href^='/jobs/']"),
    Shot("dead-letters", "/dead-letters/"),
    Shot("dead-jobs", "/dead-letters/jobs/"),
    Shot("queues", "/queues/"),
    Shot("workers", "/workers/"),
    Shot("operations", "/operations/"),
    Shot("operation", "/operations/", "tbody a[href^='/operations/']"),
    Shot("schedules", "/schedules/"),
    Shot("schedule", "/schedules/sync-customers/"),
    Shot("schedule-form", "/schedules/nightly-etl/edit/"),
    Shot("scaling", "/scaling/"),
    Shot("pool", "/scaling/default/?range=1h"),
    Shot("audit", "/audit/"),
    Shot("enqueue", "/jobs/new/"),
    Shot("settings", "/settings/"),
)


def prepare(demo: Demo) -> None:
    """Make by hand what the demonstration does not make itself."""
    with launched() as browser:
        schedules.make(_log_in(browser, demo, "light", "desktop"), demo.url)


def take(demo: Demo, folder: Path) -> list[Path]:
    """Take all pictures, as `folder`/name-size-theme.png, those in TALL once more as tall ones. Returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    taken: list[Path] = []
    with launched() as browser:
        shots = (*SHOTS, _simulated(_log_in(browser, demo, "light", "desktop"), demo.url))
        for theme in THEMES:
            for size in SIZES:
                page = _log_in(browser, demo, theme, size)
                for shot in shots:
                    _open(page, demo.url, shot)
                    taken.append(folder / f"{shot.name}-{size}-{theme}.png")
                    page.screenshot(path=taken[-1])
                if size == "desktop":
                    tall = [shot for shot in shots if shot.name in TALL]
                    taken += [_tall(page, demo.url, shot, folder / f"{shot.name}-tall-{theme}.png") for shot in tall]
                page.context.close()
    return taken


def _tall(page: Page, url: str, shot: Shot, path: Path) -> Path:
    """Take a picture that is higher than a screen."""
    page.set_viewport_size({"width": SIZES["desktop"][0], "height": TALL[shot.name]})
    _open(page, url, shot)
    page.screenshot(path=path)
    return path


def _simulated(page: Page, url: str) -> Shot:
    """Run a simulation of a day. Returns the shot of what came of it."""
    page.goto(f"{url}/scaling/default/simulate/")
    page.get_by_label("Load", exact=True).select_option("example:day")
    for box in page.locator("[name=strategy]").all():
        box.set_checked(box.get_attribute("value") in SIMULATED)
    page.get_by_role("button", name="Run the simulation").click()
    page.locator(".simulated").wait_for(timeout=SIMULATION_MS)
    path = page.url.removeprefix(url)
    page.context.close()
    return Shot("simulation", path)


def _log_in(browser: Browser, demo: Demo, theme: Literal["light", "dark"], size: str) -> Page:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=theme,
        has_touch=size == "phone",
        is_mobile=size == "phone",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"{demo.url}/login/")
    page.get_by_label("User name").fill("admin")
    page.get_by_label("Password").fill(demo.password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{demo.url}/")
    return page


def _open(page: Page, url: str, shot: Shot) -> None:
    page.goto(url + shot.path)
    if shot.first and (link := page.locator(shot.first).first).count():
        page.goto(url + str(link.get_attribute("href")))
    page.wait_for_timeout(SETTLE_MS)
