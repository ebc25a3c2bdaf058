"""`manage.py check --deploy` has nothing to say of an installation as the documentation has it, and does otherwise."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.module_loading import import_string

from tests.security.test_start import GOOD

PRODUCTION = {
    "SECRET_KEY": GOOD,
    "REDIS_URL": "redis://redis.internal:6379/0",
    "DATABASE_URL": "postgres://queueflow:x@db.internal:5432/queueflow",
    "ALLOWED_HOSTS": "queue.example.com",
    "CSRF_TRUSTED_ORIGINS": "https://queue.example.com",
    "TRUSTED_PROXIES": "10.0.0.7",
}
CHECK = ("check", "--deploy", "--fail-level", "WARNING")


def test_a_production_configuration_has_no_warning(manage):
    assert manage(*CHECK, **PRODUCTION) == (0, "System check identified no issues (4 silenced).\n")


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"DATABASE_URL": ""}, "SQLite serves one host"),
        ({"DEBUG": "true"}, "security.W018"),
        ({"ALLOWED_HOSTS": "localhost", "CSRF_TRUSTED_ORIGINS": ""}, "security.W012"),
    ],
)
def test_what_is_not_for_production_is_said(manage, variables, words):
    code, said = manage(*CHECK, **(PRODUCTION | variables))
    assert code == 1
    assert words in said


def test_the_site_has_djangos_check_of_csrf_tokens():
    assert any(
        isinstance(made, type) and issubclass(made, CsrfViewMiddleware)
        for made in map(import_string, settings.MIDDLEWARE)
    )
