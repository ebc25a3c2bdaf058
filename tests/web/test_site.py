"""The whole site behind the real web process: what it says to browsers, proxies and services."""

from __future__ import annotations

import gzip
import json
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.polling import wait_until
from tests.support.server import TestServer
from tests.web.process import Answer, WebProcess

# A site with a name has a key that nobody can guess.
PROXY = {
    "TRUSTED_PROXIES": "127.0.0.1",
    "ALLOWED_HOSTS": "queue.example.com,localhost",
    "SECRET_KEY": secrets.token_urlsafe(50),
}
Ask = Callable[..., Answer]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebProcess]:
    """Give a site that believes a proxy on this machine. It has neither a store nor a database."""
    env = {
        "QUEUEFLOW_VAR_DIR": str(tmp_path_factory.mktemp("var")), "DJANGO_SETTINGS_MODULE": "tests.settings",
        "CORS_ALLOWED_ORIGINS": "https://app.example.com", "MAX_BODY_BYTES": "1048576", **PROXY,
    }  # fmt: skip
    web = WebProcess("manage.py", "web", "--bind", "127.0.0.1:0", env=env)
    try:
        web.port = int(web.await_line("web listens on", 60).rpartition(":")[2])
        yield web
    finally:
        web.signal()
        web.close()


@pytest.fixture
def ask(site: WebProcess) -> Ask:
    """Return a function that asks with some headers."""

    def get(path: str, *headers: str, method: str = "GET", body: str = "") -> Answer:
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}", *headers]
        with site.connect() as connection:
            connection.send("\r\n".join([*lines, "Connection: close", "", body]))
            answer = Answer(connection.head(), b"")
            rest = connection.read_to_end()
            answer.body = rest
            return answer

    return get


EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
PAGES = [
    "/login/",
    "/",
    "/static/css/tokens.css",
    "/nowhere",
    "/api/jobs",
    "/api/nowhere",
    "/health/live",
    "/health",
]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_tells_browsers_what_they_must_not_do(ask: Ask, path: str) -> None:
    headers = ask(path).headers
    assert {name: headers.get(name) for name in EVERYWHERE} == EVERYWHERE
    assert "camera=()" in headers["permissions-policy"]
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "strict-transport-security" not in headers


def test_a_header_comes_once(ask: Ask, site: WebProcess) -> None:
    for path in PAGES:
        with site.connect() as connection:
            connection.send(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer x\r\n\r\n")
            names = [line.partition(b":")[0].lower() for line in connection.head().split(b"\r\n")[1:]]
            assert len(set(names)) == len(names), path


def test_browsers_that_came_by_tls_insist_on_it(ask: Ask) -> None:
    for path in PAGES:
        assert ask(path, "X-Forwarded-Proto: https").headers["strict-transport-security"] == "max-age=31536000"


def test_cookies_of_a_site_with_a_name_go_by_tls_only(ask: Ask) -> None:
    cookie = ask("/login/").headers["set-cookie"]
    assert "csrftoken=" in cookie
    assert "; Secure" in cookie
    assert "SameSite=Lax" in cookie


def test_pages_are_compressed_for_who_takes_it_and_no_two_alike(ask: Ask) -> None:
    plain = ask("/login/")
    packed = [ask("/login/", "Accept-Encoding: br, gzip") for _ in range(8)]
    assert "content-encoding" not in plain.headers
    assert {answer.headers["content-encoding"] for answer in packed} == {"gzip"}
    assert all("accept-encoding" in answer.headers["vary"].lower() for answer in [plain, *packed])
    assert all(len(answer.body) == int(answer.headers["content-length"]) < len(plain.body) for answer in packed)
    assert len({len(answer.body) for answer in packed}) > 2, "the length tells of nothing"
    assert b"<h1" in gzip.decompress(packed[0].body)


@pytest.mark.parametrize("accepted", ["identity", "gzip;q=0", "br", "xgzip"])
def test_who_does_not_take_it_gets_it_plain(ask: Ask, accepted: str) -> None:
    answer = ask("/login/", f"Accept-Encoding: {accepted}")
    assert "content-encoding" not in answer.headers
    assert b"<h1" in answer.body


def test_small_answers_stay_as_they_are(ask: Ask) -> None:
    assert "content-encoding" not in ask("/health/live", "Accept-Encoding: gzip").headers


def test_only_named_origins_may_call_the_api_from_elsewhere(ask: Ask) -> None:
    wanted = ("Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization, idempotency-key")
    good = ask("/api/jobs", "Origin: https://app.example.com", *wanted, method="OPTIONS")
    assert good.headers["access-control-allow-origin"] == "https://app.example.com"
    assert "idempotency-key" in good.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in good.headers
    for origin in ("https://evil.example", "https://app.example.com.evil.example", "http://app.example.com", "null"):
        assert (
            "access-control-allow-origin"
            not in ask("/api/jobs", f"Origin: {origin}", *wanted, method="OPTIONS").headers
        )
    key = ("Origin: https://app.example.com", "Authorization: Bearer nonsense")
    assert ask("/api/jobs", *key).headers["access-control-allow-origin"] == "https://app.example.com"
    assert "access-control-allow-origin" not in ask("/login/", "Origin: https://app.example.com").headers


def test_a_body_that_is_too_large_is_a_problem(ask: Ask) -> None:
    answer = ask("/api/jobs", "Content-Type: application/json", method="POST", body="x" * 1_048_577)
    assert answer.status == 413
    assert json.loads(answer.body)["code"] == "payload_too_large"


def test_a_name_the_site_does_not_have_is_refused(site: WebProcess) -> None:
    with site.connect() as connection:
        connection.send("GET /login/ HTTP/1.1\r\nHost: evil.example\r\n\r\n")
        assert b" 400 " in connection.head()


def test_an_absolute_target_is_served_and_its_host_is_checked(ask: Ask) -> None:
    assert ask("http://localhost/api/jobs").status == 401
    assert ask("http://queue.example.com/login/").status == 200
    assert ask("http://evil.example/login/").status == 400


def test_there_is_no_live_connection_where_none_is_served(site: WebProcess) -> None:
    before = len(site.lines)
    with site.connect() as connection:
        wanted = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
        connection.send(f"GET /nowhere HTTP/1.1\r\nHost: localhost\r\n{wanted}\r\nSec-WebSocket-Version: 13\r\n\r\n")
        assert b" 403 " in connection.head()
    assert not any("Traceback" in line for line in site.lines[before:])


def test_it_listens_on_a_unix_socket_and_believes_a_proxy_there(tmp_path: Path) -> None:
    import socket

    path = tmp_path / "web.sock"
    env = {"QUEUEFLOW_VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tests.settings", "TRUSTED_PROXIES": "unix"}
    web = WebProcess("manage.py", "web", "--bind", f"unix:{path}", env=env)
    try:
        web.await_line(f"web listens on unix:{path}", 60)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            client.sendall(b"GET /login/ HTTP/1.0\r\nHost: localhost\r\nX-Forwarded-Proto: https\r\n\r\n")
            said = client.recv(65_536)
        assert said.startswith((b"HTTP/1.1 200 ", b"HTTP/1.0 200 "))
        assert b"Strict-Transport-Security" in said
        web.signal()
        assert web.exit_code() == 0
        wait_until(lambda: not path.exists())
    finally:
        web.close()


def test_it_says_in_its_log_that_its_server_may_lose_jobs(redis_server: TestServer, tmp_path: Path) -> None:
    """The server is one of those that tests are given: it has no append-only file."""
    env = {
        "QUEUEFLOW_VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "queueflow_site.settings",
        "SECRET_KEY": secrets.token_urlsafe(50), "REDIS_URL": redis_server.url,
    }  # fmt: skip
    web = WebProcess("manage.py", "web", "--bind", "127.0.0.1:0", env=env)
    try:
        assert web.await_line("the server writes snapshots only", 60)
    finally:
        web.signal()
        web.close()
