"""The breaker before a store: a server that hangs is asked a few times, and found again within seconds."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
import redis
from django.conf import settings

from jobs.circuit import Breaker, BreakerState, Terms
from jobs.conf import Config
from jobs.errors import StoreError, StoreMisconfigured, StoreUnavailable
from jobs.interrupts import TimeLimitReached
from jobs.store.breaking import store_breaker
from jobs.store.client import Client
from jobs.store.failures import TABLE, Effect, classify, effect_of, is_ours
from jobs.store.store import Store
from tests.support.parrot import Parrot
from tests.support.polling import wait_until
from tests.support.server import TestServer


@pytest.fixture
def store(store_url: str, config: Config) -> Iterator[Store]:
    """Give a store that waits 0.2 s for an answer, whose breaker opens after three failures."""
    made = Store.open(replace(config, redis_url=store_url, breaker_failures=3), timeout=0.2)
    yield made
    made.close()


def kinds(store: Store, times: int) -> list[str]:
    """What is said to so many calls."""
    said = []
    for _ in range(times):
        with pytest.raises(StoreError) as caught:
            store.client.call("ECHO", "hello")
        said.append(caught.value.kind)
    return said


def answers(store: Store) -> bool:
    try:
        return bool(store.client.call("ECHO", "hello"))
    except StoreUnavailable:
        return False


def test_a_server_that_hangs_is_asked_three_times_then_left_alone_and_found_again(
    redis_server: TestServer, store: Store
) -> None:
    store.client.call("ECHO", "hello")
    with redis_server.away("freeze"):
        assert kinds(store, 3) == ["timeout"] * 3
        started = time.monotonic()
        assert kinds(store, 20) == ["breaker_open"] * 20
        assert time.monotonic() - started < 0.1
        with pytest.raises(StoreUnavailable) as caught:
            store.client.channel().block(5, "BLPOP", "nothing", 5)
        assert 0 < caught.value.retry_after <= 0.25
    wait_until(lambda: answers(store), 5)
    view = store.client.breaker.view()
    assert (view.state, view.failures, view.opened >= 1) == (BreakerState.CLOSED, 0, True)


def test_a_probe_that_is_interrupted_leaves_its_place_to_the_next(redis_server: TestServer) -> None:
    breaker = Breaker("store", Terms(failures=1, open_seconds=0.01))
    client = Client(redis_server.url, breaker=breaker)
    assert client.call("ECHO", "hello") == b"hello"
    breaker.failed("it was away")
    wait_until(lambda: breaker.view().wait == 0.0)
    signal.signal(signal.SIGALRM, interrupt)
    with redis_server.away("freeze"):
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(TimeLimitReached):
            client.call("ECHO", "hello")
    assert breaker.view().state is BreakerState.HALF_OPEN
    assert client.call("ECHO", "hello") == b"hello"
    client.close()


def interrupt(*_: object) -> None:
    raise TimeLimitReached


@pytest.mark.parametrize(("timeout", "seconds"), [(0.2, 1.0), (5.0, 15.0)])
def test_a_probe_that_never_ends_is_given_up_when_no_answer_can_come_any_more(timeout: float, seconds: float) -> None:
    assert store_breaker(Config(), timeout=timeout).terms.probe_seconds == seconds


def test_what_the_server_refuses_says_that_it_answers(store: Store) -> None:
    assert kinds(store, 0) == []
    for _ in range(10):
        with pytest.raises(StoreError):
            store.client.call("GET")
    assert not store.client.breaker.troubled


def test_a_wrong_password_is_tried_once_and_then_now_and_then(redis_server: TestServer, config: Config) -> None:
    url = f"redis://:wrong@127.0.0.1:{redis_server.address.port}/0"
    with redis_server.client() as client:
        client.config_set("requirepass", "right")
    try:
        locked = Store.open(replace(config, redis_url=url))
        with pytest.raises(StoreMisconfigured):
            locked.client.call("PING")
        assert kinds(locked, 3) == ["breaker_open"] * 3
    finally:
        with redis_server.client(password="right") as client:
            client.config_set("requirepass", "")


def test_the_documentation_shows_the_table() -> None:
    text = (
        (settings.BASE_DIR / "docs/reliability.md").read_text().partition("| Kind | Family |")[2].partition("\n\n")[0]
    )
    rows = [re.split(r" *\| *", line)[1:8] for line in text.splitlines() if re.match(r"\| `\w+` \|", line)]
    families = {StoreUnavailable: "transient", StoreMisconfigured: "configuration"}
    assert rows == [
        [
            f"`{row.kind}`",
            families.get(row.exception, "bug"),
            row.effect.value,
            f"{row.retry_after:g}",
            f"{row.longest_wait:g}",
            f"{row.say_every:g}",
            "yes" if row.unsure else "no",
        ]
        for row in TABLE
    ]


def test_every_kind_has_one_row_and_what_it_says_holds() -> None:
    assert len({row.kind for row in TABLE}) == len(TABLE)
    for row in TABLE:
        errors = [Exception(f"{words} and more") for words in row.words]
        for error in errors:
            told = classify(error, "GET key")
            assert (told.kind, type(told), told.retry_after) == (row.kind, row.exception, row.retry_after)
            assert (told.longest_wait, told.say_every) == (row.longest_wait, row.say_every)
            assert effect_of(told) is row.effect
            assert (told.may_be_done, is_ours(told)) == (row.unsure, row.ours)
    assert {row.kind for row in TABLE if row.effect is Effect.OPENS} == {
        "no_auth",
        "wrong_password",
        "protected",
        "no_database",
        "no_protocol",
        "no_cluster",
        "cluster",
        "untrusted",
    }


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (redis.ConnectionError("Error -2 connecting to LOADING-host:6379. Name or service not known."), "connection"),
        (redis.ConnectionError("Error 111 connecting to OOM:6379. Connection refused."), "connection"),
        (redis.ResponseError("NOTBUSY No scripts in execution right now."), "script"),
        (redis.ResponseError("BUSYGROUP Consumer Group name already exists"), "script"),
        (redis.ResponseError("upstream failure"), "script"),
        (redis.ResponseError("unknown command 'CONFIG', with args beginning with: 'GET' "), "no_command"),
        (redis.ResponseError("DENIED Redis is running in protected mode because"), "protected"),
        (redis.ResponseError("WRONGTYPE Operation against a key script: f00, on @user_script:1."), "wrong_type"),
        (redis.InvalidResponse("Protocol error, got 'H' as reply type byte"), "no_redis"),
    ],
)
def test_a_failure_is_told_by_how_its_words_begin(error: Exception, kind: str) -> None:
    assert classify(error).kind == kind


def test_a_server_that_has_no_such_database_or_protocol_is_a_matter_of_configuration(
    redis_server: TestServer, config: Config
) -> None:
    with closing(Store.open(replace(config, redis_url=redis_server.url.replace("/0", "/99")))) as store:
        with pytest.raises(StoreMisconfigured) as caught:
            store.client.call("PING")
        assert caught.value.kind == "no_database"
        assert kinds(store, 2) == ["breaker_open"] * 2
    with closing(Store.open(replace(config, redis_url=redis_server.url))) as store:
        with pytest.raises(StoreMisconfigured) as caught:
            store.client.call("HELLO", 99)
        assert caught.value.kind == "no_protocol"


def test_what_speaks_something_else_is_a_matter_of_configuration(config: Config) -> None:
    with Parrot(b"HTTP/1.1 400 Bad Request\r\n\r\n") as parrot:
        for url, kind in ((parrot.url, "no_redis"), (parrot.url.replace("redis:", "rediss:"), "untrusted")):
            with closing(Store.open(replace(config, redis_url=url))) as store:
                with pytest.raises(StoreMisconfigured) as caught:
                    store.client.call("PING")
                assert (caught.value.kind, caught.value.may_be_done) == (kind, kind == "no_redis")
                assert store.client.breaker.view().failures == 1
