"""What `manage.py check` says of TASKS, and what the backend says it can do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.checks.registry import registry as all_checks
from django.test import override_settings

from jobs.backends import QueueFlowBackend
from jobs.backends.compat import BaseTaskBackend, task_backends
from jobs.backends.declaring import declare_configured
from jobs.backoff import Backoff
from jobs.handlers.registry import registry
from jobs.worker.command import declared_queues
from tests.tasks.configured import BACKEND, TASKS


def found(**params: Any) -> list[tuple[str | None, str]]:
    """What the framework's own check, one of Django's, says of one backend: (id, text)."""
    [check] = [check for check in all_checks.get_checks() if getattr(check, "__name__", "") == "check_tasks"]
    with override_settings(TASKS={"default": {"BACKEND": BACKEND, **params}}):
        return [(message.id, message.msg) for message in check(app_configs=None, databases=None)]


def test_settings_that_work_are_not_remarked_upon() -> None:
    options = {"max_retries": 100, "timeout": timedelta(hours=1), "retention": 60, "backoff": Backoff(1, 2, 60, 0.3)}
    assert found() == found(QUEUES=[]) == found(QUEUES=["default", "a.b-c_1"], OPTIONS=options) == []


def test_the_app_must_be_installed() -> None:
    without = [app for app in settings.INSTALLED_APPS if app in {"django.contrib.auth", "django.contrib.contenttypes"}]
    with override_settings(INSTALLED_APPS=without):
        assert [message.id for message in QueueFlowBackend("default", {}).check()] == ["queueflow.E201"]


def test_queues_that_the_store_cannot_have_are_errors() -> None:
    messages = found(QUEUES=["Mail", "fine", "a b", ".."])
    assert messages == [
        ("queueflow.E202", "TASKS['default']: the queue '..' is refused."),
        ("queueflow.E202", "TASKS['default']: the queue 'Mail' is refused."),
        ("queueflow.E202", "TASKS['default']: the queue 'a b' is refused."),
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_retries", -1), ("max_retries", True), ("max_retries", "3"), ("timeout", 0), ("timeout", "30"),
        ("retention", -1), ("backoff", {"base": -1}), ("enqueue_on_commit", "yes"), ("max_retry", 3),
    ],
)  # fmt: skip
def test_options_that_make_no_sense_are_errors(name: str, value: Any) -> None:
    [(identity, text)] = found(OPTIONS={name: value})
    assert identity == "queueflow.E203"
    assert text.startswith(f"TASKS['default']: the option '{name}' is refused: ")


def test_options_are_a_dict() -> None:
    assert [identity for identity, _ in found(OPTIONS=["max_retries"])] == ["queueflow.E203"]


@pytest.mark.parametrize("params", [{"OPTIONS": {"enqueue_on_commit": True}}, {"ENQUEUE_ON_COMMIT": True}])
def test_waiting_for_a_commit_needs_a_database(params: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(**params) == []
    monkeypatch.setattr(settings, "DATABASES", {"default": {"ENGINE": "django.db.backends.dummy"}})
    assert [message.id for message in QueueFlowBackend("default", params).check()] == ["queueflow.E204"]


def test_keeping_no_results_is_a_warning() -> None:
    assert [identity for identity, _ in found(OPTIONS={"retention": 0})] == ["queueflow.W201"]


def test_the_backend_says_what_it_can_do() -> None:
    backend = task_backends["default"]
    assert isinstance(backend, BaseTaskBackend)
    flags = ("supports_defer", "supports_async_task", "supports_get_result", "supports_priority")
    assert [getattr(backend, flag) for flag in flags] == [True] * 4


def test_handlers_are_declared_only_where_tasks_names_the_backend_or_one_made_of_it() -> None:
    other = {"default": {"BACKEND": "no.such.Backend"}, "odd": None, "text": {"BACKEND": 7}}
    for setting, are_declared in [(other, False), (None, False), ({"a": TASKS["subclass"]}, True), (TASKS, True)]:
        for name in ("django-task", "django-task-async"):
            registry.remove(name)
        with override_settings(TASKS=setting):
            declare_configured()
        assert (registry.get("django-task") is not None) is are_declared
    assert {"default", "idle", "mail"} <= {name for name, _ in declared_queues()}
