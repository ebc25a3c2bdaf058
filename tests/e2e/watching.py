"""Sees what must never happen in a browser: violations of the content security policy, errors, dialogs, injections."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Request, Response, WebError

BINDING: Final = "queueflowTestViolation"
REPORT: Final = f"""
window.addEventListener("securitypolicyviolation", (event) => window.{BINDING}(
  `${{event.effectiveDirective}} blocked ${{event.blockedURI}} at ${{event.sourceFile}}:${{event.lineNumber}} ` +
  event.sample
), true);
"""
SETTLE: Final = "() => new Promise((done) => setTimeout(done))"  # what was queued before has been said then
INJECTED: Final = "() => document.querySelectorAll('[data-evil]').length + (window.evil || 0)"
ALREADY_A_RESPONSE: Final = "Failed to load resource"
POLICY: Final = "Content Security Policy"
BROKEN: Final = "answer: 5"
LOG_CHARACTERS: Final = 3000
GONE: Final = "net::ERR_ABORTED"  # somebody went elsewhere before the answer came


class Watch:
    """Notes troubles of one browser context: `check` fails for any that was not expected."""

    def __init__(
        self, context: BrowserContext, origin: str, log: Callable[[], str], *, javascript: bool = True
    ) -> None:
        """`origin`: of the pages; `log`: tells what their server has said; `javascript`: whether it is on."""
        self._context = context
        self._origin = origin
        self._log = log
        self._javascript = javascript
        self.troubles: list[str] = []
        context.expose_binding(BINDING, self._on_violation)
        context.add_init_script(REPORT)
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)
        context.on("dialog", self._on_dialog)
        context.on("response", self._on_response)
        context.on("requestfailed", self._on_failure)

    def check(self) -> None:
        """Raises AssertionError with everything that went wrong."""
        self.settle()
        if any(trouble.startswith(BROKEN) for trouble in self.troubles):
            self.troubles.append(f"the server: {self._log()[-LOG_CHARACTERS:]}")
        assert not self.troubles, "in the browser:\n" + "\n".join(self.troubles)

    @contextmanager
    def expecting(self, *texts: str) -> Iterator[None]:
        """Let troubles happen inside that contain one of the texts; each of the texts has to come."""
        before = len(self.troubles)
        yield
        self.settle()
        new = self.troubles[before:]
        missing = [text for text in texts if not any(text in trouble for trouble in new)]
        assert not missing, f"{missing} did not happen, only {new}"
        self.troubles[before:] = [trouble for trouble in new if not any(text in trouble for text in texts)]

    def settle(self) -> None:
        """Return when all that has happened so far is known."""
        for page in self._context.pages:
            page.evaluate(SETTLE if self._javascript else "1")
            if self._javascript and (injected := page.evaluate(INJECTED)):
                self.troubles.append(f"injected on {page.url}: {injected}")

    def _on_violation(self, source: dict[str, Any], text: str) -> None:
        self.troubles.append(f"policy on {source['page'].url}: {text}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type != "error" or message.text.startswith(ALREADY_A_RESPONSE):
            return
        if POLICY not in message.text:
            self.troubles.append(f"console: {message.text}")
        elif not self._javascript:  # else there was an event, which says where
            self.troubles.append(f"policy: {message.text}")

    def _on_error(self, error: WebError) -> None:
        self.troubles.append(f"script: {error.error}")

    def _on_dialog(self, dialog: Dialog) -> None:
        self.troubles.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _on_response(self, response: Response) -> None:
        if response.status >= 400 and response.url.startswith(self._origin):
            self.troubles.append(f"answer: {response.status} {response.request.method} {response.url}")

    def _on_failure(self, request: Request) -> None:
        if request.url.startswith(self._origin) and request.failure != GONE:
            self.troubles.append(f"request: {request.failure} {request.method} {request.url}")
