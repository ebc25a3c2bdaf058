"""From what a caller asks for to what the store is given: defaults, limits, and the field that is at fault."""

import math
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.backoff import Backoff
from jobs.clock import MAX_INSTANT_MS
from jobs.conf import Config
from jobs.errors import InvalidJob, PayloadTooLarge
from jobs.handlers import Registry, handler
from jobs.requests import JobOptions, JobSpec, request_of
from jobs.types import Envelope, Priority

CONFIG = Config(max_payload_bytes=100, job_timeout_ms=12_345)
KNOWN = Registry()


@handler("plain", registry=KNOWN)
def plain(payload): ...


@handler(
    "mail",
    queue="mail",
    priority="low",
    timeout=5,
    max_retries=7,
    backoff=Backoff(base=2),
    retention=60,
    registry=KNOWN,
)
def mail(payload: dict[str, int]) -> None: ...


def ask(job_type="plain", payload=None, **options):
    return request_of(JobSpec(job_type, payload, **options), KNOWN, CONFIG)


def refusal(job_type="plain", payload=None, **options):
    with pytest.raises(InvalidJob) as caught:
        ask(job_type, payload, **options)
    return caught.value


def test_options_and_spec_have_the_same_names():
    names = [field.name for field in msgspec.structs.fields(JobSpec)]
    assert names == ["type", "payload", *JobOptions.__annotations__]


def test_without_options_and_handler_a_job_gets_the_installations_defaults():
    request = ask("elsewhere", {"a": 1})
    assert request.envelope == Envelope(b'{"a":1}', 12_345)
    assert (request.queue, request.priority, request.max_retries) == ("default", Priority.NORMAL, 3)
    assert (request.due_ms, request.delay_ms, request.retention_ms, request.deduplication_key) == (0, 0, -1, "")
    assert len(request.id) == 22


def test_the_handlers_settings_come_before_the_installations():
    request = ask("mail", {})
    assert (request.queue, request.priority, request.max_retries) == ("mail", Priority.LOW, 7)
    assert (request.envelope.timeout_ms, request.envelope.backoff, request.retention_ms) == (
        5000,
        Backoff(base=2),
        60_000,
    )


def test_the_jobs_options_come_before_the_handlers_settings():
    request = ask(
        "mail",
        {},
        queue="other",
        priority="high",
        max_retries=0,
        timeout=timedelta(milliseconds=1),
        backoff={"base": 1, "max": 3},
        retention=0,
        tags=["b", "a", "b"],
        deduplication_key="key",
        deduplication_ttl=1.5,
        job_id="mine",
    )
    assert (request.id, request.queue, request.priority, request.max_retries) == ("mine", "other", Priority.HIGH, 0)
    assert request.envelope == Envelope(b"{}", 1, Backoff(base=1, max=3), ("b", "a"))
    assert (request.retention_ms, request.deduplication_key, request.deduplication_ttl_ms) == (0, "key", 1500)


def test_raw_json_is_kept_byte_for_byte():
    text = b' {"a" : 1.0,\n "b": 12345678901234567890123} '
    assert ask(payload=msgspec.Raw(text)).envelope.payload == text
    assert refusal(payload=msgspec.Raw(b"{")).field == "payload"
    assert refusal(payload=msgspec.Raw(b'{"a": NaN}')).field == "payload"


def test_the_payload_is_checked_against_the_handlers_type():
    assert ask("mail", {"a": 1})
    error = refusal("mail", {"a": "x"})
    assert (error.field, error.code) == ("payload[...]", "invalid")


def test_a_payload_that_is_too_large_has_a_code_of_its_own():
    assert ask(payload="x" * 98)
    error = refusal(payload="x" * 99)
    assert isinstance(error, PayloadTooLarge)
    assert error.code == "payload_too_large"


def test_a_delay_counts_from_the_enqueue_and_a_time_is_an_instant():
    assert (ask(delay=1.5).delay_ms, ask(delay=timedelta(hours=1)).delay_ms, ask(delay=0).delay_ms) == (
        1500,
        3_600_000,
        0,
    )
    moment = datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    assert ask(run_at=moment).due_ms == 1_767_304_800_000


def test_a_time_in_the_past_runs_at_once_even_before_1970():
    assert ask(run_at=datetime(1900, 1, 1, tzinfo=UTC)).due_ms == 0


def test_the_last_moment_of_the_year_9999_is_taken():
    assert ask(run_at=datetime.max.replace(tzinfo=UTC)).due_ms == MAX_INSTANT_MS


@given(st.integers(0, 2**45))
def test_milliseconds_survive_as_seconds(milliseconds):
    assert ask(delay=milliseconds / 1000).delay_ms == milliseconds


AWARE = datetime(2026, 1, 1, tzinfo=UTC)
BAD = [
    ("type", {"job_type": ""}),
    ("type", {"job_type": "a b"}),
    ("type", {"job_type": "a\n"}),
    ("type", {"job_type": "é"}),
    ("type", {"job_type": "x" * 129}),
    ("type", {"job_type": ["plain"]}),
    ("payload", {"payload": object()}),
    ("payload", {"payload": b"{}"}),
    ("payload", {"payload": {1: 1, "1": 2}}),
    ("options.priority", {"priority": "urgent"}),
    ("options.priority", {"priority": "HIGH"}),
    ("options.priority", {"priority": 1}),
    ("options.priority", {"priority": []}),
    ("options.queue", {"queue": ""}),
    ("options.queue", {"queue": "Mail"}),
    ("options.queue", {"queue": "x" * 65}),
    ("options.queue", {"queue": "a:b"}),
    ("options.queue", {"queue": 5}),
    ("options.delay", {"delay": -0.001}),
    ("options.delay", {"delay": timedelta(seconds=-1)}),
    ("options.delay", {"delay": math.nan}),
    ("options.delay", {"delay": math.inf}),
    ("options.delay", {"delay": 10**400}),
    ("options.delay", {"delay": 1e300}),
    ("options.delay", {"delay": 8000 * 366 * 86_400}),
    ("options.delay", {"delay": "5"}),
    ("options.delay", {"delay": True}),
    ("options.runAt", {"run_at": datetime(2026, 1, 1)}),  # noqa: DTZ001 - that is the point
    ("options.runAt", {"run_at": "2026-01-01T00:00:00Z"}),
    ("options.runAt", {"run_at": AWARE.date()}),
    ("options.runAt", {"run_at": datetime.max.replace(tzinfo=timezone(timedelta(hours=-1)))}),
    ("options.runAt", {"run_at": AWARE, "delay": 1}),
    ("options.maxRetries", {"max_retries": -1}),
    ("options.maxRetries", {"max_retries": 101}),
    ("options.maxRetries", {"max_retries": 3.0}),
    ("options.maxRetries", {"max_retries": True}),
    ("options.timeout", {"timeout": 0}),
    ("options.timeout", {"timeout": 0.0004}),
    ("options.timeout", {"timeout": 7 * 86_400 + 0.001}),
    ("options.retention", {"retention": -1}),
    ("options.retention", {"retention": "1d"}),
    ("options.deduplicationKey", {"deduplication_key": "x" * 257}),
    ("options.deduplicationKey", {"deduplication_key": "é" * 129}),
    ("options.deduplicationKey", {"deduplication_key": "\ud800"}),
    ("options.deduplicationKey", {"deduplication_key": 5}),
    ("options.deduplicationTtl", {"deduplication_key": "a", "deduplication_ttl": 0}),
    ("options.deduplicationTtl", {"deduplication_key": "a", "deduplication_ttl": -1}),
    ("options.deduplicationTtl", {"deduplication_ttl": 1}),
    ("options.onDuplicate", {"on_duplicate": "ignore"}),
    ("options.tags", {"tags": "abc"}),
    ("options.tags", {"tags": ["x"] + [str(number) for number in range(10)]}),
    ("options.tags", {"tags": [""]}),
    ("options.tags", {"tags": ["x" * 65]}),
    ("options.tags", {"tags": ["a\nb"]}),
    ("options.tags", {"tags": ["\ud800"]}),
    ("options.tags", {"tags": [5]}),
    ("options.tags", {"tags": [["a"]]}),
    ("options.tags", {"tags": {"a": 1}}),
    ("options.tags", {"tags": {"a"}}),
    ("options.backoff", {"backoff": Backoff(base=-1)}),
    ("options.backoff", {"backoff": {"base": "1"}}),
    ("options.backoff", {"backoff": {"bases": 1}}),
    ("options.backoff", {"backoff": {"max": 0.5}}),
    ("options.backoff", {"backoff": "fast"}),
    ("jobId", {"job_id": ""}),
    ("jobId", {"job_id": "a/b"}),
    ("jobId", {"job_id": "x" * 129}),
    ("jobId", {"job_id": 5}),
]


@pytest.mark.parametrize(("field", "options"), BAD)
def test_what_is_beyond_a_limit_is_refused_with_its_field_on_the_wire(field, options):
    error = refusal(**options)
    assert error.field == field
    assert error.message


@pytest.mark.parametrize(
    "options",
    [
        {"job_type": "a.b_c/d-E9"},
        {"job_type": "x" * 128},
        {"queue": "x" * 64},
        {"deduplication_key": "é" * 128},
        {"deduplication_key": "\0 any text"},
        {"tags": [str(number) for number in range(10)]},
        {"tags": ["é" * 64]},
        {"tags": ["a"] * 50},
        {"max_retries": 100},
        {"timeout": 7 * 86_400},
        {"timeout": 0.001},
        {"delay": 7900 * 365 * 86_400},
        {"job_id": "order:1-email"},
    ],
)
def test_what_is_within_the_limits_is_taken(options):
    assert ask(**options)
