"""Hooks: their order, and that a broken one loses nothing."""

from typing import Any, cast

import msgspec
import pytest
from django.test import override_settings

from jobs.errors import ConfigError, Discard
from jobs.handlers.context import JobContext
from jobs.middleware import Chain, Middleware, get_chain, load
from jobs.states import State
from jobs.types import Enqueued, Envelope, JobRequest

JOB = cast(JobContext, object())
REQUEST = JobRequest(id="j-1", type="work", envelope=Envelope(b"{}", 1000))
ENQUEUED = Enqueued("j-1", State.PENDING, 1)


class Recorder(Middleware):
    def __init__(self, name="recorder", calls=None):
        self.name = name
        self.calls = [] if calls is None else calls

    def note(self, hook, *details):
        self.calls.append((self.name, hook, *details))

    def before_enqueue(self, request):
        self.note("before_enqueue", request.id)

    def after_enqueue(self, request, enqueued):
        self.note("after_enqueue", request.id, enqueued.id)

    def before_run(self, job):
        self.note("before_run")

    def after_run(self, job, result):
        self.note("after_run", result)

    def on_failure(self, job, error):
        self.note("on_failure", repr(error))

    def on_settled(self, job, outcome):
        self.note("on_settled", outcome)


class Broken(Middleware):
    def fail(self, *_: object) -> Any:
        raise RuntimeError("broken hook")

    before_enqueue = after_enqueue = fail  # type: ignore[assignment]
    before_run = after_run = fail  # type: ignore[assignment]
    on_failure = on_settled = fail  # type: ignore[assignment]


class NeedsArguments(Middleware):
    def __init__(self, needed):
        self.needed = needed


class Tagger(Middleware):
    def before_enqueue(self, request):
        envelope = msgspec.structs.replace(request.envelope, trace={"id": "1"})
        return msgspec.structs.replace(request, envelope=envelope)


class Swapper(Middleware):
    def before_enqueue(self, request):
        return msgspec.structs.replace(request, id="another")


def run_all(chain):
    request = chain.before_enqueue(REQUEST)
    chain.after_enqueue(request, ENQUEUED)
    chain.before_run(JOB)
    chain.after_run(JOB, 5)
    chain.on_failure(JOB, ValueError("x"))
    chain.on_settled(JOB, "completed")
    return request


def test_before_hooks_run_in_order_and_the_others_in_reverse():
    calls: list[tuple[Any, ...]] = []
    run_all(Chain([Recorder("one", calls), Recorder("two", calls)]))
    order: dict[str, list[str]] = {}
    for name, hook, *_ in calls:
        order.setdefault(hook, []).append(name)
    assert order == {
        "before_enqueue": ["one", "two"],
        "after_enqueue": ["two", "one"],
        "before_run": ["one", "two"],
        "after_run": ["two", "one"],
        "on_failure": ["two", "one"],
        "on_settled": ["two", "one"],
    }


def test_hooks_are_told_what_happened():
    calls: list[tuple[Any, ...]] = []
    run_all(Chain([Recorder("one", calls)]))
    assert [call[1:] for call in calls] == [
        ("before_enqueue", "j-1"),
        ("after_enqueue", "j-1", "j-1"),
        ("before_run",),
        ("after_run", 5),
        ("on_failure", "ValueError('x')"),
        ("on_settled", "completed"),
    ]


def test_a_broken_hook_is_logged_and_the_next_one_runs(caplog):
    calls: list[tuple[Any, ...]] = []
    assert run_all(Chain([Broken(), Recorder("after", calls)])) is REQUEST
    assert len(calls) == 6
    assert caplog.text.count("a middleware failed") == 6
    assert "Broken.fail" in caplog.text


def test_a_hook_may_steer_the_job_before_it_runs():
    class Gate(Middleware):
        def before_run(self, job):
            raise Discard("closed")

    with pytest.raises(Discard, match="closed"):
        Chain([Gate()]).before_run(JOB)


def test_a_request_may_be_replaced_by_one_for_the_same_job(caplog):
    calls: list[tuple[Any, ...]] = []
    request = Chain([Tagger(), Recorder("after", calls)]).before_enqueue(REQUEST)
    assert request.envelope.trace == {"id": "1"}
    assert Chain([Swapper()]).before_enqueue(REQUEST) is REQUEST
    assert "returned no request for the same job" in caplog.text


def test_middleware_that_overrides_nothing_is_never_called():
    class Silent(Middleware):
        pass

    chain = Chain([Silent()])
    assert chain
    assert run_all(chain) is REQUEST
    assert not Chain()


def test_the_setting_lists_classes_by_dotted_path():
    here = __name__
    get_chain.cache_clear()
    try:
        with override_settings(QUEUEFLOW_MIDDLEWARE=[f"{here}.Recorder", f"{here}.Tagger"]):
            assert [type(each).__name__ for each in get_chain()] == ["Recorder", "Tagger"]
    finally:
        get_chain.cache_clear()


def test_without_the_setting_there_is_none():
    get_chain.cache_clear()
    assert not get_chain()


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("nowhere.Thing", "nowhere.Thing cannot be made: ModuleNotFoundError"),
        ("nodots", "nodots cannot be made: ImportError"),
        (f"{__name__}.NeedsArguments", "NeedsArguments cannot be made: TypeError"),
        ("builtins.object", "builtins.object is no subclass of jobs.middleware.Middleware"),
    ],
)
def test_what_is_no_middleware_is_refused_with_its_path(path, words):
    with pytest.raises(ConfigError, match="QUEUEFLOW_MIDDLEWARE") as caught:
        load([path])
    assert words in str(caught.value)
