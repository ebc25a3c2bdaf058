"""Browser windows of people of each role, watched."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from playwright.sync_api import Browser, Page

from tests.e2e.installation import PASSWORD, Installation
from tests.e2e.watching import Watch

SIZES: Final = {"phone": (360, 740), "desktop": (1440, 900), "wide": (2560, 1440)}
SECONDS: Final = 15


class Visit(NamedTuple):
    """One window: its page, and what watches it."""

    page: Page
    watch: Watch


class Visitors:
    """Opens windows. Each role logs in once, by the form; its later windows begin with that session."""

    def __init__(self, browser: Browser, installation: Installation, logins: dict[str, Any]) -> None:
        self._browser = browser
        self._url = installation.url
        self._log = installation.web_log
        self._logins = logins
        self._visits: list[Visit] = []

    def open(
        self, role: str = "Operator", *, dark: bool = False, size: str = "desktop", javascript: bool = True
    ) -> Visit:
        """A window of somebody with a role, '' for who has not logged in."""
        if role and role not in self._logins:
            self._log_in(role)
        return self._window(self._logins.get(role), dark, size, javascript)

    def check(self) -> None:
        """Raises AssertionError for anything that went wrong in any window."""
        for visit in self._visits:
            visit.watch.check()

    def close(self) -> None:
        """Close all windows."""
        for visit in self._visits:
            visit.page.context.close()
        self._visits.clear()

    def _window(self, state: Any, dark: bool, size: str, javascript: bool) -> Visit:
        width, height = SIZES[size]
        context = self._browser.new_context(
            base_url=self._url,
            storage_state=state,
            color_scheme="dark" if dark else "light",
            viewport={"width": width, "height": height},
            has_touch=size == "phone",
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )
        context.set_default_timeout(SECONDS * 1000)
        visit = Visit(context.new_page(), Watch(context, self._url, self._log, javascript=javascript))
        self._visits.append(visit)
        return visit

    def _log_in(self, role: str) -> None:
        visit = self._window(None, False, "desktop", True)
        log_in(visit.page, role.lower())
        assert visit.page.url == f"{self._url}/", visit.page.content()
        self._logins[role] = visit.page.context.storage_state()
        visit.watch.check()
        self._visits.remove(visit)
        visit.page.context.close()


def log_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Fill the login form and send it."""
    if "/login/" not in page.url:
        page.goto("/login/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_load_state()
