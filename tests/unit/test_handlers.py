"""Declaring handlers: what the decorator takes, what it refuses, how the function is then called."""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from jobs import Job, handler
from jobs.backoff import Backoff
from jobs.errors import ConfigError
from jobs.handlers import Registry, registry
from jobs.handlers.context import JobContext
from jobs.types import Priority

if TYPE_CHECKING:
    from nowhere import Unknown  # type: ignore[import-not-found]

JOB = cast(JobContext, object())


@pytest.fixture
def known():
    return Registry()


def declared(known, function, **settings):
    handler("work", registry=known, **settings)(function)
    return known.get("work")


def refusal(known, function, **settings):
    with pytest.raises(ConfigError) as caught:
        handler(settings.pop("name", "work"), registry=known, **settings)(function)
    return str(caught.value)


def work(payload): ...


def test_a_handler_stays_a_plain_function(known):
    def double(payload: int) -> int:
        return payload * 2

    assert handler("double", registry=known)(double) is double
    assert double(2) == 4


def test_without_settings_jobs_get_the_installations(known):
    found = declared(known, work)
    assert (found.name, found.queue, found.priority, found.max_retries) == ("work", "default", Priority.NORMAL, 3)
    assert (found.timeout_ms, found.backoff, found.retention_ms) == (None, None, -1)
    assert not found.is_async


def test_settings_are_kept_in_the_engines_units(known):
    settings = {"queue": "mail", "priority": "high", "timeout": 1.5, "max_retries": 0, "retention": timedelta(days=1)}
    found = declared(known, work, backoff={"base": 2, "max": 10}, **settings)
    assert (found.queue, found.priority, found.timeout_ms, found.max_retries) == ("mail", Priority.HIGH, 1500, 0)
    assert (found.backoff, found.retention_ms) == (Backoff(base=2.0, max=10.0), 86_400_000)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("name", ""),
        ("name", "a b"),
        ("name", "x" * 129),
        ("name", 5),
        ("queue", "Mail"),
        ("queue", ""),
        ("priority", "urgent"),
        ("priority", 1),
        ("timeout", 0),
        ("timeout", -1),
        ("timeout", 0.0001),
        ("timeout", 8 * 86_400),
        ("timeout", float("nan")),
        ("timeout", float("inf")),
        ("timeout", True),
        ("timeout", "30"),
        ("max_retries", -1),
        ("max_retries", 101),
        ("max_retries", 1.0),
        ("max_retries", True),
        ("backoff", Backoff(base=-1)),
        ("backoff", Backoff(base="1")),  # type: ignore[arg-type]
        ("backoff", {"base": float("nan")}),
        ("backoff", {"speed": 1}),
        ("backoff", 5),
        ("retention", -1),
        ("retention", float("inf")),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_with_handler_and_field(known, setting, value):
    message = refusal(known, work, **{setting: value})
    assert f"handler {value if setting == 'name' else 'work'!r} ({__name__}.work): {setting}: give" in message or (
        setting == "backoff" and "handler 'work'" in message and "backoff: base" in message
    )
    assert len(known) == 0


def test_the_same_type_twice_names_both_places(known):
    declared(known, work)
    message = refusal(known, lambda payload: None)
    assert f"two handlers for job type 'work': {__name__}.work ({__file__}:" in message
    assert f"<lambda> ({__file__}:" in message


def test_a_module_may_be_reloaded(tmp_path, monkeypatch):
    (tmp_path / "reloaded_shop.py").write_text("from jobs import handler\n@handler('reloaded')\ndef f(p): return 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    try:
        module = importlib.import_module("reloaded_shop")
        importlib.reload(module)
        found = registry.get("reloaded")
        assert found is not None
        assert found.function is module.f
    finally:
        registry.remove("reloaded")
        sys.modules.pop("reloaded_shop", None)


@pytest.mark.parametrize(
    ("function", "result"),
    [
        (lambda: "nothing", "nothing"),
        (lambda payload: payload, "p"),
        (lambda anything: anything, "p"),
        (lambda payload, job: (payload, job), ("p", JOB)),
        (lambda job, payload: (payload, job), ("p", JOB)),
        (lambda job: job, JOB),
        (lambda payload, *, job: (payload, job), ("p", JOB)),
        (lambda *, job, data: (data, job), ("p", JOB)),
        (lambda payload, /, job: (payload, job), ("p", JOB)),
        (lambda payload, limit=5: (payload, limit), ("p", 5)),
        (lambda payload, job=None, *, limit=5: (payload, job, limit), ("p", JOB, 5)),
    ],
)
def test_a_function_gets_what_it_takes(known, function, result):
    assert declared(known, function).call("p", JOB) == result


def test_the_job_is_known_by_its_annotation_too(known):
    def annotated(context: Job, data: dict[str, Any]) -> Any:
        return data, context

    found = declared(known, annotated)
    assert found.call({}, JOB) == ({}, JOB)
    assert found.payload_type == "dict[str, Any]"


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda payload, more: None, "it takes 'more'"),
        (lambda payload, job, third: None, "it takes 'third'"),
        (lambda *payloads: None, "it takes *payloads"),
        (lambda payload, **more: None, "it takes **more"),
        (5, "it is no function"),
        (work.__class__, "it is no function"),
    ],
)
def test_a_function_that_cannot_be_called_with_payload_and_job_is_refused(known, function, words):
    assert words in refusal(known, function)


def test_a_function_with_a_yield_is_refused(known):
    def yielding(payload):
        yield payload

    async def streaming(payload):
        yield payload

    assert "yield" in refusal(known, yielding)
    assert "yield" in refusal(known, streaming)


def test_an_async_function_gives_a_coroutine(known):
    async def waiting(payload, job):
        return payload, job

    found = declared(known, waiting)
    assert found.is_async
    made = found.call("p", JOB)
    assert inspect.iscoroutine(made)
    with pytest.raises(StopIteration) as end:
        made.send(None)
    assert end.value.value == ("p", JOB)


def test_a_wrapped_function_is_read_through_its_wrapper(known):
    def twice(function):
        @functools.wraps(function)
        def wrapper(*arguments, **named):
            return function(*arguments, **named), function(*arguments, **named)

        return wrapper

    @twice
    def counted(payload: dict[str, Any], job: Job) -> str:
        return f"{len(payload)}"

    found = declared(known, counted)
    assert found.call({}, JOB) == ("0", "0")
    assert found.payload_type == "dict[str, Any]"


def test_a_method_of_an_object_may_be_a_handler(known):
    class Shop:
        def sell(self, payload: dict[str, Any]) -> object:
            return self, payload

    shop = Shop()
    assert declared(known, shop.sell).call({}, JOB) == (shop, {})


def test_names_that_only_a_type_checker_knows_do_no_harm_beside_the_payload(known):
    def annotated(payload: dict[str, Any], job: Unknown) -> Unknown:
        return job

    assert declared(known, annotated).call({}, JOB) is JOB


def test_a_payload_annotation_that_names_nothing_is_refused(known):
    def annotated(payload: Unknown) -> None: ...

    assert "the annotation of 'payload' cannot be read: name 'Unknown' is not defined" in refusal(known, annotated)


def test_a_registry_lists_its_handlers_by_name(known):
    for name in ("b", "a", "c"):
        handler(name, registry=known)(work)
    assert [found.name for found in known] == ["a", "b", "c"]
    assert known.types() == {"a", "b", "c"}
    assert known.get("d") is None
    known.remove("b")
    known.remove("b")
    assert len(known) == 2
