"""Who gets no live connection, and who loses it: sessions, origins, rights, manners."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.monitoring.live_site import LiveSite
from tests.monitoring.live_viewer import TEXT, LiveViewer
from tests.web.process import frame_of

MOST_A_PERSON = 4
REFUSED = (400, 403)  # 400: the server itself can make nothing of it
IS_BOB = "username = 'bob'"
OF_BOB = f"user_id = (SELECT id FROM auth_user WHERE {IS_BOB})"
HIS_GROUP = f"SELECT u.id, g.id FROM auth_user u, auth_group g WHERE {IS_BOB} AND g.name = 'Viewer'"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """Give a site with few connections a person; it looks every half second whether they may go on."""
    folder = tmp_path_factory.mktemp("live")
    more = {"LIVE_SOCKETS_PER_USER": str(MOST_A_PERSON), "LIVE_CHECK_SECONDS": "0.5", "TRUSTED_PROXIES": "127.0.0.1"}
    with LiveSite(folder, **more) as site:
        yield site


@pytest.fixture(scope="module")
def session(site: LiveSite) -> str:
    """Return Ada's session."""
    return site.session()


def status(site: LiveSite, session: str = "", **options) -> int:
    with LiveViewer(site.web.port, session, **options) as viewer:
        return viewer.status


def test_nobody_gets_in_without_a_session(site):
    assert status(site) == 403
    assert status(site, "nonsense") == 403


def test_a_key_is_no_way_in(site):
    assert status(site, headers=["Authorization: Bearer qf_nonsense"]) == 403


def test_nobody_gets_in_without_the_right_to_look(site):
    assert status(site, site.session("nobody")) == 403


def test_only_pages_of_ours_get_in(site, session):
    port = site.web.port
    assert status(site, session) == 101
    for origin in (
        None, "null", f"https://localhost:{port}", "http://localhost", f"http://localhost:{port + 1}",
        f"http://127.0.0.1:{port}", f"http://localhost:{port}.evil.example", f"http://localhost:{port}/path",
        f"http://evil@localhost:{port}", "http://localhost:nonsense", "http://[", "", "http://evil.example",
    ):  # fmt: skip
        wanted = {"origin": None, "headers": ["Origin: "]} if origin == "" else {"origin": origin}
        assert status(site, session, **wanted) in REFUSED, origin
    twice = [f"Origin: http://localhost:{port}", "Origin: http://evil.example"]
    assert status(site, session, origin=None, headers=twice) in REFUSED


def test_a_host_that_is_not_ours_is_refused_whatever_the_origin_says(site, session):
    assert status(site, session, host="evil.example") == 403


def test_behind_a_proxy_the_scheme_is_what_the_proxy_says(site, session):
    outside = {"origin": "https://localhost", "host": "localhost"}
    assert status(site, session, headers=["X-Forwarded-Proto: https"], **outside) == 101
    assert status(site, session, headers=["X-Forwarded-Proto: http"], **outside) == 403
    assert status(site, session, **outside) == 403


def test_one_person_has_so_many_connections_and_no_more(site, session):
    open_ones = [LiveViewer(site.web.port, session) for _ in range(MOST_A_PERSON)]
    assert [viewer.status for viewer in open_ones] == [101] * MOST_A_PERSON
    assert status(site, session) == 403
    assert status(site, site.session("bob")) == 101
    open_ones[0].subscribe("status").until("status")
    for viewer in open_ones:
        viewer.close()
    deadline = time.monotonic() + 5
    while status(site, session) == 403:
        assert time.monotonic() < deadline


def test_a_log_out_closes_what_is_open_in_a_second(site):
    session, other = site.session(), site.session()
    with site.viewer(session, "status") as viewer, site.viewer(other, "status") as stays:
        viewer.until("status")
        started = time.monotonic()
        assert site.log_out(session).status == 302
        assert viewer.close_code() == 4001
        assert time.monotonic() - started < 1.0
        stays.until("status")
    assert status(site, session) == 403


def test_a_log_out_at_another_web_process_closes_it_too(site):
    session = site.session()
    other = site.start_web()
    with LiveViewer(other.port, session) as viewer:
        viewer.subscribe("status").until("status")
        site.log_out(session)
        assert viewer.close_code() == 4001


@pytest.mark.parametrize(
    ("change", "back"),
    [
        (
            f"DELETE FROM auth_user_groups WHERE {OF_BOB}",
            f"INSERT INTO auth_user_groups (user_id, group_id) {HIS_GROUP}",
        ),
        (f"UPDATE auth_user SET is_active = 0 WHERE {IS_BOB}", f"UPDATE auth_user SET is_active = 1 WHERE {IS_BOB}"),
        (f"UPDATE auth_user SET password = password || 'x' WHERE {IS_BOB}", "SELECT 1"),
        ("DELETE FROM django_session WHERE session_key = :session", "SELECT 1"),
    ],
)
def test_who_may_look_no_longer_is_found_without_being_told(site, change, back):
    session = site.session("bob")
    with site.viewer(session, "status") as viewer, closing(sqlite3.connect(site.database)) as database:
        viewer.until("status")
        database.execute(change, {"session": session} if ":session" in change else {})
        database.commit()
        assert viewer.close_code() == 4001
        assert status(site, session) == 403
        database.execute(back)
        database.commit()


def test_a_frame_that_means_nothing_closes_the_connection(site, session):
    for text in (
        "nonsense", "[]", '{"ack": 0}', '{"ack": true}', '{"subscribe": "status"}', '{"subscribe": [], "rate": -1}',
        '{"subscribe": [], "rate": 60001}', '{"subscribe": [], "more": 1}', '{"subscribe": [1]}', "{}", "[" * 2000,
        json.dumps({"subscribe": ["x"] * 33}),
    ):  # fmt: skip
        with LiveViewer(site.web.port, session) as viewer:
            viewer.connection.send_frame(TEXT, text.encode())
            assert viewer.close_code() == 4000, text


def test_a_topic_that_does_not_exist_is_left_out(site, session):
    with site.viewer(session, "nonsense", "store", "status") as viewer:
        assert viewer.read()["topic"] == "status"


def test_a_frame_that_is_too_large_closes_the_connection(site, session):
    with LiveViewer(site.web.port, session) as viewer:
        viewer.connection.send_frame(TEXT, json.dumps({"subscribe": ["x" * 5000]}).encode())
        assert viewer.close_code() == 1009


def test_who_says_too_much_is_closed(site, session):
    with LiveViewer(site.web.port, session) as viewer:
        # In one go: what comes after the end would reset the connection, and its last frame would be lost.
        viewer.connection.send(frame_of(TEXT, b'{"ack":1}') * 11)
        assert viewer.close_code() == 4029


def test_there_is_nothing_at_other_addresses(site, session):
    with site.web.connect() as connection:
        wanted = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
        line = f"GET /ws/lives HTTP/1.1\r\nHost: localhost\r\n{wanted}\r\nSec-WebSocket-Version: 13\r\n"
        connection.send(f"{line}Cookie: sessionid={session}\r\n\r\n")
        assert b" 403 " in connection.head()
