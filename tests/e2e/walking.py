"""Windows that go from page to page over all tests of a module."""

from __future__ import annotations

from tests.e2e.visitors import SIZES, Visit, Visitors


class Walkers:
    """Windows that are kept: a page costs a fifth in a browser that has seen its styles and scripts.

    For tests that look at pages and leave no traces in the browser. A window in which something went wrong is not
    used again.
    """

    def __init__(self, visitors: Visitors) -> None:
        self.visitors = visitors
        self._kept: dict[tuple[str, bool], Visit] = {}

    def open(self, role: str = "Operator", *, javascript: bool = True) -> Visit:
        """The window of somebody with a role, as large and light as a new one; see `Visitors.open`."""
        key = (role, javascript)
        if key not in self._kept:
            self._kept[key] = self.visitors.open(role, javascript=javascript)
        page = self._kept[key].page
        width, height = SIZES["desktop"]
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.mouse.move(0, 0)
        return self._kept[key]

    def rest(self) -> None:
        """Leave all pages, so that nothing lives in them until the next test."""
        if any(visit.watch.troubles for visit in self._kept.values()):
            self._kept.clear()
            self.visitors.close()
        for visit in self._kept.values():
            visit.page.goto("/static/css/tokens.css")  # of the same site: a blank page would need a new process
