"""Pages come back on a slow line too."""

from __future__ import annotations

from tests.client.cutting_proxy import CuttingProxy
from tests.e2e.test_outages import HIDE, expect_state

EACH_WAY = 0.4  # s
AWAY_MS = 60_000
CLOCK = """(() => {
    const now = performance.now.bind(performance);
    let passed = 0;
    performance.now = () => now() + passed;
    window.pass = (milliseconds) => { passed += milliseconds; };
})()"""


def test_a_page_comes_back_by_one_connection_when_its_first_frame_takes_longer_than_a_beat(visit, installation):
    page = visit().page
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.add_init_script(CLOCK)
    with CuttingProxy(installation.url) as line:
        page.goto(f"{line.url}/settings/")
        expect_state(page, "live")
        page.evaluate(HIDE, True)
        expect_state(page, "paused")
        page.evaluate("(milliseconds) => window.pass(milliseconds)", AWAY_MS)
        line.delay = EACH_WAY
        page.evaluate(HIDE, False)
        expect_state(page, "live")
        line.delay = 0.0
        page.goto("about:blank")
    assert len(sockets) == 2
