"""Django system checks: a configuration that makes no sense, or is not safe, is refused before anything starts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

from .conf import Config, ConfigProblem
from .proxies import address_of, local_only

LOOPBACK_HOSTS = frozenset({None, "localhost", "127.0.0.1", "::1"})
KEY_LENGTH = 50
KEY_VARIETY = 8  # different characters; a random key has some thirty
PLACEHOLDERS = (
    "insecure",
    "changeme",
    "change-me",
    "change_me",
    "change this",
    "your-secret",
    "example",
    "only-for-tests",
)


def as_error(problem: ConfigProblem) -> Error:
    """Return the check message of one refused variable."""
    return Error(f"{problem.name}={problem.value!r} is refused.", hint=problem.hint, id="queueflow.E001")


def sentences(errors: Iterable[CheckMessage]) -> str:
    """Return what errors say, and how to put it right, one a line."""
    return "\n".join(f"{error.msg} Hint: {error.hint}" if error.hint else str(error.msg) for error in errors)


@register(Tags.compatibility)
def check_configuration(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Report each environment variable that was refused, with its value and a hint."""
    problems: tuple[ConfigProblem, ...] = getattr(settings, "QUEUEFLOW_PROBLEMS", ())
    return [as_error(problem) for problem in problems]


@register(Tags.database, deploy=True)
def check_database(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse SQLite for a deployment over several hosts: each would have a database of its own."""
    config: Config = settings.QUEUEFLOW
    engine = settings.DATABASES["default"]["ENGINE"]
    if not engine.endswith("sqlite3") or config.is_embedded or _store_hosts(config) <= LOOPBACK_HOSTS:
        return []
    message = "SQLite serves one host, and the store is on another one."
    return [Error(message, hint="Set DATABASE_URL to a PostgreSQL database.", id="queueflow.E002")]


def _store_hosts(config: Config) -> set[str | None]:
    """Where the store is; None for a socket of this machine."""
    told = config.redis_sentinels or config.redis_cluster_nodes
    return {host for host, _ in told} or {
        urlsplit(url).hostname for url in config.partitions.urls or (config.redis_url or "",)
    }


@register(Tags.security)
def check_secret_key(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a key that can be guessed, except with DEBUG and where nobody else reaches the site.

    Whoever knows the key can make sessions and cursors of their own.
    """
    config: Config = settings.QUEUEFLOW
    try:
        key: str = settings.SECRET_KEY
    except ImproperlyConfigured:  # it is empty: check_configuration says so
        return []
    is_for_this_machine = config.is_embedded and local_only(settings.ALLOWED_HOSTS)
    if settings.DEBUG or is_for_this_machine or not (reason := _weakness(key)):
        return []
    make = "python -c 'import secrets; print(secrets.token_urlsafe(50))'"
    hint = f"It {reason}. Give {KEY_LENGTH} random characters, the same on every host: {make}"
    return [Error("SECRET_KEY='***' is refused.", hint=hint, id="queueflow.E003")]


def _weakness(key: str) -> str:
    if any(word in key.lower() for word in PLACEHOLDERS):
        return "is a placeholder that others know"
    if len(key) < KEY_LENGTH:
        return f"has only {len(key)} characters"
    return f"has only {len(set(key))} different characters" if len(set(key)) < KEY_VARIETY else ""


@register(Tags.security)
def check_allowed_hosts(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a site that answers to any name: links and redirects could then be made to lead elsewhere."""
    if settings.DEBUG or "*" not in settings.ALLOWED_HOSTS:
        return []
    hint = "Name the hosts under which the site is reached, like queue.example.com."
    return [Error("ALLOWED_HOSTS='*' is refused.", hint=hint, id="queueflow.E004")]


def check_bind(host: str) -> list[CheckMessage]:
    """Refuse debug pages, which show source code and settings, on an address that others can reach."""
    address = address_of(host)
    is_local = host in LOOPBACK_HOSTS or (address is not None and address.is_loopback)
    if not settings.DEBUG or is_local:
        return []
    hint = "Turn DEBUG off, or listen on 127.0.0.1."
    return [Error(f"DEBUG=True is refused with --bind {host}.", hint=hint, id="queueflow.E005")]
