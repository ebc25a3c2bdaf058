"""The demonstration as a service sees it come in."""

import itertools
import logging
import shlex
import shutil
import socket
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from examples import demo
from examples.demo_jobs import many_jobs, single_jobs, trickle_jobs
from queueflow_client import ApiError
from tests.examples.api_stand_in import ApiStandIn, serve
from tests.support.polling import wait_until


@pytest.fixture
def api() -> Iterator[ApiStandIn]:
    with serve(ApiStandIn()) as running:
        yield running


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_every_job_arrives_with_the_key(api: ApiStandIn) -> None:
    result = demo.submit_demo(api.url + "/", "secret")
    expected = len(list(single_jobs("run"))) + len(list(many_jobs("run")))
    assert result.total == expected
    assert not result.refused
    assert {call.headers["Authorization"] for call in api.calls} == {"Bearer secret"}
    assert len({call.headers["Idempotency-Key"] for call in api.calls}) == len(api.calls)


def test_every_use_case_is_part_of_the_demonstration(api: ApiStandIn) -> None:
    result = demo.submit_demo(api.url, "secret")
    assert set(result.accepted) == {
        "run-etl", "create-thumbnails", "process-order", "send-notification", "send-email", "process-video",
        "train-model", "flaky-report", "charge-card", "settle-payment", "sync-crm",
    }  # fmt: skip


def test_a_trickle_goes_on_in_rounds_of_a_few_jobs_of_many_kinds(api: ApiStandIn) -> None:
    assert demo.trickle(api.url, "secret", rounds=12, pause=0) == 23
    assert len(api.calls) == 12
    rounds = [trickle_jobs("run", number) for number in range(demo.ROUNDS)]
    quiet = [[job for job in jobs if job["type"] != "quote-shipping"] for jobs in rounds]
    assert max(map(len, quiet)) <= 3
    assert sum(map(len, quiet)) == 23 * demo.ROUNDS / 12
    dying = sum(job["type"] == "charge-card" for jobs in rounds for job in jobs)
    assert dying == demo.ROUNDS / 12  # one in a minute
    ids = [job["deduplication_key"] for jobs in rounds for job in jobs if job["type"] == "process-order"]
    assert len(set(ids)) == demo.ROUNDS


def test_every_five_minutes_there_is_a_rush_for_which_the_pool_has_to_grow() -> None:
    parcels = [sum(job["type"] == "quote-shipping" for job in trickle_jobs("run", number)) for number in range(120)]
    assert parcels == [*([0] * 12), *([100] * 8), *([0] * 40)] * 2


def test_a_trickle_ends_where_it_is_not_wanted(api: ApiStandIn) -> None:
    api.first = [(401, {}, {"code": "unauthorized", "detail": "no such key"})]
    with pytest.raises(ApiError, match="no such key"):
        demo.trickle(api.url, "gone", pause=0)
    assert len(api.calls) == 1


def test_a_missing_extra_is_counted_and_the_rest_goes_on(api: ApiStandIn) -> None:
    api.unknown = frozenset({"process-video", "create-thumbnails"})
    result = demo.submit_demo(api.url, "secret")
    assert result.refused == {("process-video", "unknown_job_type"): 2, ("create-thumbnails", "unknown_job_type"): 12}
    assert "process-order" in result.accepted
    assert "pip install '.[examples,video]'" in demo.summary(result, api.url, "secret")


def test_a_wrong_key_ends_it_at_once(api: ApiStandIn) -> None:
    api.first = [(401, {}, {"code": "unauthorized", "detail": "no such key"})]
    with pytest.raises(ApiError, match="401 unauthorized: no such key"):
        demo.submit_demo(api.url, "wrong")
    assert len(api.calls) == 1


def test_a_service_that_comes_up_late_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    api, port = ApiStandIn(), unused_port()
    with ExitStack() as started, caplog.at_level(logging.INFO, "queueflow_client"):

        def come_up() -> None:
            wait_until(lambda: caplog.records)  # it has been asked in vain
            started.enter_context(serve(api, port))

        coming = threading.Thread(target=come_up)
        coming.start()
        result = demo.submit_demo(f"http://127.0.0.1:{port}", "secret")
        coming.join()
    assert result.total == len(list(single_jobs("run"))) + len(list(many_jobs("run")))


def test_a_service_that_never_comes_is_given_up() -> None:
    with pytest.raises(OSError, match="refused"):
        demo.submit_demo(f"http://127.0.0.1:{unused_port()}", "secret", patience=0)


def said_by(words: list[str]) -> str:
    """What a curl line prints; where there is no curl, its request is made from its words."""
    if shutil.which(words[0]):
        return subprocess.run(words, capture_output=True, text=True, timeout=20, check=True).stdout
    values = list(itertools.pairwise(words))
    headers = dict(value.split(": ", 1) for name, value in values if name == "-H")
    [body] = [value for name, value in values if name == "-d"]
    [url] = [word for word in words if word.startswith("http://")]
    with urllib.request.urlopen(urllib.request.Request(url, body.encode(), headers), timeout=20) as answer:
        return str(answer.read(), "utf-8")


def test_the_curl_line_works(api: ApiStandIn) -> None:
    assert '"status": "pending"' in said_by(shlex.split(demo.curl_line(api.url, "secret")))
    [call] = api.calls
    assert call.body == demo.TRY_THIS
    assert call.headers["Authorization"] == "Bearer secret"


def test_the_command_prints_what_it_did(api: ApiStandIn, capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main(["--url", api.url, "--key", "secret"]) == 0
    printed = capsys.readouterr().out
    assert "8 process-order" in printed
    assert demo.curl_line(api.url, "secret") in printed


def test_the_command_says_what_is_wrong(api: ApiStandIn, capsys: pytest.CaptureFixture[str]) -> None:
    api.first = [(403, {}, {"code": "forbidden", "detail": "the key lacks the scope enqueue"})]
    assert demo.main(["--url", api.url, "--key", "weak"]) == 1
    assert "the key lacks the scope enqueue" in capsys.readouterr().err


def test_two_demonstrations_do_not_share_orders() -> None:
    def orders(run: str) -> set[str]:
        return {str(job["payload"]) for job in many_jobs(run) if job["type"] == "process-order"}

    assert orders("a").isdisjoint(orders("b"))
