"""How viewers are told: no faster than they read, at a cost that does not grow with them, through all that happens."""

from __future__ import annotations

import signal
import time
from concurrent.futures import ThreadPoolExecutor

from tests.monitoring.live_fixtures import ALL, empty, session, site
from tests.monitoring.live_viewer import CLOSE

__all__ = ["empty", "session", "site"]

TAKE_AWAY = """
from django.contrib.auth import get_user_model

get_user_model().objects.get(username="bob").groups.clear()
"""


def test_what_was_not_sent_gives_way_to_what_is_newer(site, session):
    with site.viewer(session, "status") as viewer:
        viewer.until("status")
        first, second = viewer.read(ack=False), viewer.read(ack=False)
        site.kit.enqueue_many(3)
        with site.viewer(session, "status") as other:  # who shows that looks go on
            other.until("status", lambda data: data["counts"]["pending"] == 3)
        viewer.say(ack=second["seq"])
        third = viewer.read()
        assert third["seq"] == first["seq"] + 2
        assert third["data"]["counts"]["pending"] == 3


def test_who_never_acknowledges_costs_nothing_and_is_closed(site, session):
    with site.viewer(session, *ALL) as silent, site.viewer(session, *ALL) as viewer:
        for _ in ALL:
            viewer.read()
        before, started = site.web.memory, time.monotonic()
        sent = 0
        while True:
            opcode, payload = silent.connection.frame()
            if opcode == CLOSE:
                break
            sent += 1
            viewer.read()
        assert int.from_bytes(payload[:2], "big") == 4008
        assert 9.0 < time.monotonic() - started < 15.0
        assert sent == 2
        assert site.web.memory - before < 20_000_000
        viewer.until("status")


def test_reads_do_not_grow_with_viewers(site, session):
    with site.viewer(session, *ALL) as alone:
        for _ in ALL:
            alone.read()
        cost = commands_of(site, alone, 8)
        others = [site.viewer(session, *ALL) for _ in range(49)]
        for other in others:
            for _ in ALL:
                other.read()
        assert commands_of(site, alone, 8) < 1.5 * cost
        for other in others:
            other.close()


def commands_of(site, viewer, looks):
    """How many commands the server has while a viewer is told its status so many times."""
    viewer.until("status")
    before = site.commands()
    for _ in range(looks):
        viewer.until("status")
    return site.commands() - before


def test_nothing_is_read_without_viewers(site, session):
    with site.viewer(session, *ALL) as viewer:
        viewer.until("status")
    site.await_silence()


def test_only_what_is_subscribed_to_is_read(site, session):
    with site.viewer(session, "operations") as viewer:
        viewer.until("operations")
        viewer.subscribe()
        site.await_silence()
        site.kit.enqueue()
        viewer.subscribe("jobs")
        assert viewer.until("jobs")["created"] == 1
    assert {frame["topic"] for frame in viewer.frames} <= {"operations", "jobs"}


def test_a_viewer_that_wants_less_is_told_less(site, session):
    with site.viewer(session) as viewer:
        viewer.subscribe("status", rate=2000)
        viewer.until("status")
        started = time.monotonic()
        viewer.until("status")
        assert time.monotonic() - started > 1.8


def test_while_the_store_is_away_viewers_are_told_and_it_goes_on_by_itself(site, session):
    with site.viewer(session, "status", "jobs") as viewer:
        viewer.until("jobs")
        started = time.monotonic()
        with site.server.away("kill"):
            assert viewer.until("store")["away"] is True
            assert time.monotonic() - started < 2.0
            down = viewer.until("status")
            assert (down["status"], "counts" in down) == ("unhealthy", False)
            with site.viewer(session, "jobs") as late:
                assert late.until("store")["away"] is True
        assert viewer.until("store") == {"away": False, "detail": ""}
        site.kit.enqueue("again")
        viewer.until("jobs", lambda data: [row["key"] for row in data["rows"]] == ["again"])


def test_a_log_out_is_heard_after_the_store_was_away(site):
    session = site.session()
    other = site.start_web()
    here, site.web = site.web, other
    with site.viewer(session, "status") as viewer:
        site.web = here
        viewer.until("status")
        site.server.restart()
        viewer.until("store", lambda data: data["away"] is False)
        viewer.until("status")
        started = time.monotonic()
        site.log_out(session)
        assert viewer.close_code() == 4001
        assert time.monotonic() - started < 4.0


def test_a_right_that_another_process_takes_away_is_told_at_once(site):
    with site.viewer(site.session("bob"), "status") as viewer, ThreadPoolExecutor(1) as elsewhere:
        viewer.until("status")
        ended = elsewhere.submit(lambda: (site.shell(TAKE_AWAY), time.monotonic())[1])
        assert viewer.close_code() == 4001
        assert time.monotonic() - ended.result() < 3.0


def test_at_the_end_of_the_process_viewers_are_sent_elsewhere(site):
    session = site.session()
    ending = site.start_web()
    here, site.web = site.web, ending
    viewer = site.viewer(session, *ALL)
    site.web = here
    with viewer:
        viewer.until("status")
        ending.signal(signal.SIGTERM)
        assert viewer.close_code() == 1001
    assert ending.exit_code() == 0
