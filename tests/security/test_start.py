"""What is not safe does not start: each refusal names the variable, its value and what to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

from jobs.checks import check_bind
from jobs.proxies import local_only

GOOD = "8Jq-uXkZ3mVb7TnR2wYc5LpA9sDf4GhE6iOo1QaWzSxEcRfVtGb"
SHARED = {"REDIS_URL": "redis://127.0.0.1:1/0", "SECRET_KEY": GOOD}


# An address that cannot be had: what is not refused before it comes to that ends there.
WEB = ("web", "--bind", "8.8.8.8:1")


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({**SHARED, "SECRET_KEY": "short"}, ("SECRET_KEY='***' is refused", "5 characters", "secrets.token_urlsafe")),
        ({**SHARED, "SECRET_KEY": "x" * 60}, ("SECRET_KEY='***' is refused", "different characters")),
        ({**SHARED, "SECRET_KEY": f"django-insecure-{GOOD}"}, ("SECRET_KEY='***' is refused", "placeholder")),
        ({**SHARED, "SECRET_KEY": ""}, ("SECRET_KEY=''", "50 random characters")),
        (
            {"SECRET_KEY": "changeme", "ALLOWED_HOSTS": "queue.example.com"},
            ("SECRET_KEY='***' is refused", "placeholder"),
        ),
        ({"ALLOWED_HOSTS": "queue.example.com,*"}, ("ALLOWED_HOSTS='*' is refused", "Name the hosts")),
        ({"CORS_ALLOWED_ORIGINS": "*"}, ("CORS_ALLOWED_ORIGINS='*' is refused", "exact origins")),
        ({"TRUSTED_PROXIES": "0.0.0.0/0"}, ("TRUSTED_PROXIES='0.0.0.0/0' is refused", "trusts everybody")),
        ({"DEBUG": "true"}, ("DEBUG=True is refused with --bind 8.8.8.8", "listen on 127.0.0.1")),
    ],
)
def test_the_web_process_refuses_what_is_not_safe(manage, variables, words):
    code, text = manage(*WEB, **variables)
    assert code == 1
    assert all(word in text for word in words), text
    assert "cannot listen" not in text
    assert "Traceback" not in text
    assert all(value not in text for name, value in variables.items() if name == "SECRET_KEY" and value)


@pytest.mark.parametrize(
    "variables", [{}, SHARED, {"SECRET_KEY": "short"}, {**SHARED, "ALLOWED_HOSTS": ".example.com"}]
)
def test_what_is_safe_starts(manage, variables):
    code, text = manage(*WEB, **variables)
    assert code == 1
    assert "cannot listen on http://8.8.8.8:1" in text


INEXACT = (
    "*", "null", "example.com", "https://*.example.com", "https://example.com/", "https://example.com/x", "ftp://x.y",
    "https://user@example.com", "https://example.com:99999", "https://", "https://exa mple.com", "https://example.com?x",
)  # fmt: skip


def test_only_exact_origins_may_call_from_elsewhere(manage):
    code, text = manage("check", CORS_ALLOWED_ORIGINS=",".join(["https://good.example", *INEXACT]))
    assert code == 1
    assert f"CORS_ALLOWED_ORIGINS='{','.join(INEXACT)}' is refused" in text


def test_exact_origins_are_fine(manage):
    origins = "https://app.example.com, http://localhost:3000,https://[2001:db8::1]:8443"
    code, text = manage("check", CORS_ALLOWED_ORIGINS=origins, CSRF_TRUSTED_ORIGINS="https://*.example.com")
    assert code == 0, text


# Prints what the settings make of each environment on the command line, in one process.
COOKIES = """
import importlib, json, os, sys
from django.conf import global_settings
from queueflow_site import settings
NAMES = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE")
before = dict(os.environ)
for variables in json.loads(sys.argv[1]):
    os.environ.clear()
    os.environ.update(before | variables)
    made = importlib.reload(settings)
    print(*(getattr(made, name, getattr(global_settings, name)) for name in NAMES))
"""
SITES: tuple[tuple[dict[str, str], bool], ...] = (
    ({}, False),
    ({"ALLOWED_HOSTS": "localhost,app.localhost"}, False),
    ({"ALLOWED_HOSTS": "queue.example.com"}, True),
    ({"ALLOWED_HOSTS": "localhost,queue.example.com"}, True),
    ({"ALLOWED_HOSTS": "192.168.0.7"}, True),
    ({"CSRF_TRUSTED_ORIGINS": "https://queue.example.com"}, True),
    ({"ALLOWED_HOSTS": "queue.example.com", "DEBUG": "true"}, False),
)


def test_cookies_are_for_https_unless_the_site_has_only_names_of_its_own_machine(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", COOKIES, json.dumps([variables for variables, _ in SITES])],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "QUEUEFLOW_ENV_FILE": os.devnull, "QUEUEFLOW_VAR_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [f"{secure} {secure} True Lax" for _, secure in SITES]


def test_names_of_other_machines_are_not_local():
    assert local_only(["localhost", "127.0.0.1", "[::1]", "x.localhost", "LOCALHOST"])
    assert not any(
        local_only([host]) for host in ["localhost.example.com", "10.0.0.1", ".example.com", "*", "notlocalhost"]
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "queue.example.com", ""])
def test_debug_pages_are_for_this_machine(host):
    with_debug = pytest.MonkeyPatch()
    with_debug.setattr(settings, "DEBUG", True)
    try:
        assert [error.id for error in check_bind(host)] == ["queueflow.E005"]
        assert check_bind("127.0.0.1") + check_bind("localhost") + check_bind("::1") + check_bind("127.0.0.9") == []
    finally:
        with_debug.undo()
    assert check_bind(host) == []
