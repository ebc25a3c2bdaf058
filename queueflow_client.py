"""A client of QueueFlow's REST interface: one file, nothing but the standard library. Install it or copy it.

    queueflow = Client("https://queueflow.example.com", key)
    job = queueflow.enqueue("send-email", {"to": "ada@example.com"}, queue="mail", delay=60)
    result = queueflow.wait(job, timeout=300)

Jobs are dicts in the words of the interface (`jobId`, `status`, …). Durations are seconds or timedeltas.
"""

from __future__ import annotations

import http.client
import io
import json
import logging
import os
import random
import socket
import ssl
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, Literal, NamedTuple, TypedDict, TypeGuard, Unpack, cast
from urllib.parse import SplitResult, quote, urlsplit

Job = dict[str, Any]
Seconds = float | timedelta
Chunk = list[tuple[int, bytes]]  # encoded jobs, each with its place among all

BULK_JOBS: Final = 1000
BULK_BYTES: Final = 16 * 1024 * 1024 - len('{"jobs":[]}')
MOST_IDLE: Final = 16  # connections kept open
ANSWER_BYTES: Final = 64 * 1024 * 1024
PIECE: Final = 64 * 1024  # of an answer, read at a time
HEAD_BYTES: Final = 64 * 1024  # what may come around an answer: headers, sizes of chunks
UNREAD: Final = ("not_json", "bad_answer")  # codes of the client's own
OVER: Final = frozenset({"completed", "dead", "cancelled"})
PASSING: Final = frozenset({0, 429, 502, 503, 504})  # 0: no answer came
KEEP: Final = object()

logger = logging.getLogger(__name__)


class JobOptions(TypedDict, total=False):
    """How to run a job. `timeout` bounds a run, `run_at` has an offset, `backoff` is {base, factor, max, jitter}.

    What is left out or None is as its handler says. `job_id` is one of your own: a repeat meets the job that is there.
    """

    priority: Literal["high", "normal", "low"] | None
    queue: str | None
    delay: Seconds | None
    run_at: datetime | None
    max_retries: int | None
    timeout: Seconds | None
    retention: Seconds | None
    deduplication_key: str | None
    deduplication_ttl: Seconds | None
    on_duplicate: Literal["reject", "return"] | None
    tags: Sequence[str] | None
    backoff: Mapping[str, float] | None
    job_id: str | None


class ApiError(Exception):
    """A refusal: HTTP's `status`, the stable `code`, `detail`, `errors` as [{field, message}]; `document` has it all.

    `repeated`: there was an earlier attempt, which may have been carried out and its answer lost. An answer that cannot
    be understood is `not_json` or `bad_answer` (another shape, or too large), whatever its status.
    """

    def __init__(self, status: int, document: Job, repeated: bool = False) -> None:
        super().__init__(status, document, repeated)
        self.status, self.document, self.repeated = status, document, repeated
        self.code, self.detail = _text(document, "code", "unknown"), _text(document, "detail")
        errors = document.get("errors")
        self.errors: list[dict[str, str]] = list(filter(_is_fault, errors)) if isinstance(errors, list) else []

    def __str__(self) -> str:
        more = "".join(f"; {error.get('field')}: {error.get('message')}" for error in self.errors[1:])
        return f"{self.status} {self.code}: {self.detail}{more}"


class NoAnswer(ConnectionError):
    """No answer came in time. What was asked for may have been done all the same."""

    status = 0
    code = "no_answer"


class JobFailed(Exception):
    """The job is dead: it does not run again by itself. `error` is its last line, `job` everything known of it."""

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        self.job, self.job_id, self.error = job, str(job["jobId"]), _text(job, "error")

    def __str__(self) -> str:
        return f"job {self.job_id} is {self.job['status']}: {self.error}"


class JobCancelled(JobFailed):
    """The job was cancelled; `error` is the reason."""


@dataclass(frozen=True)
class Refused:
    """Why the job at `index` was not taken. `job_id`, of a duplicate: the job that holds the deduplication key."""

    index: int
    code: str
    detail: str
    field: str | None = None
    job_id: str | None = None


class Outcome(NamedTuple):
    """What became of many jobs: (index, job id) of the accepted, and the refused, both by index."""

    accepted: list[tuple[int, str]]
    refused: list[Refused]


class Client:
    """Talks to one service. Safe for threads and forks; keeps connections open; does not look at proxy variables.

    timeout: seconds for a request with all its repeats after 429, 503 and lost connections; each answer is waited for
    a third of that, to its last byte, and for at least 1 s. max_answer: bytes of an answer that are read, 64 MiB by
    default; a larger one is refused. Every call raises ApiError, NoAnswer, and ValueError or TypeError for what JSON
    cannot carry.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout: float = 30.0,
        context: ssl.SSLContext | None = None,
        max_answer: int = ANSWER_BYTES,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
            raise ValueError("url: give http://host:port or https://host, without /api")
        if not key or not (key.isascii() and key.isprintable()):
            raise ValueError("key: give an API key as it was shown")  # http.client's own complaint would show it
        self.url, self.timeout = url.rstrip("/"), timeout
        self._headers = {"Authorization": f"Bearer {key}", "User-Agent": "queueflow-client"}
        self._connections = _Connections(parts, context, max_answer)

    def close(self) -> None:
        """Close the connections that are open. The client can be used again."""
        self._connections.close()

    def enqueue(
        self,
        type: str,  # noqa: A002
        payload: object = None,
        *,
        idempotency_key: str = "",
        **options: Unpack[JobOptions],
    ) -> Job:
        """Enqueue one job; return its jobId, type, status, queue, priority, createdAt and runAt.

        A repeated request makes nothing twice; with an `idempotency_key` of your own, nor does a repeated call.
        """
        body = _encoded(type, payload, **options)
        return self._request("POST", "/jobs", body, idempotency_key or uuid.uuid4().hex, fits=_is_job)

    def enqueue_many(self, jobs: Iterable[Mapping[str, Any]]) -> Outcome:
        """Enqueue any number of jobs, given as the arguments of `enqueue`; each is accepted or refused by itself.

        A service that is lost midway refuses the rest. Raises if it is lost before anything was accepted.
        """
        outcome = Outcome([], [])
        lost: ApiError | NoAnswer | None = None
        for chunk in _chunks(jobs, outcome.refused):
            if lost is None:
                try:
                    self._send(chunk, outcome)
                    continue
                except (ApiError, NoAnswer) as error:
                    if not outcome.accepted:
                        raise
                    lost = error
            outcome.refused.extend(Refused(index, lost.code, str(lost)) for index, _ in chunk)
        outcome.refused.sort(key=lambda refused: refused.index)
        return outcome

    def job(self, job: str | Job) -> Job:
        """Everything known of a job: status, payload, result, attempts, timeline, …"""
        return self._request("GET", _path(job), fits=_is_job)

    def wait(self, job: str | Job, timeout: Seconds | None = 60.0) -> Any:
        """The result of a job when it is completed. Asks again after a quarter of the time waited, 50 ms to 5 s.

        Raises JobFailed, JobCancelled, and TimeoutError after `timeout`; None waits for as long as the service answers.
        """
        began = time.monotonic()
        until = None if timeout is None else began + _seconds(timeout)
        while True:
            try:
                seen = self._request("GET", _path(job), until=until, fits=_is_job_with_result)
            except (ApiError, NoAnswer) as error:
                if until is None or error.status not in PASSING:
                    raise
                raise TimeoutError("the job was not seen to end in time") from error
            waited = time.monotonic() - began
            if seen["status"] in OVER:
                return _result(seen)
            if until is not None and began + waited >= until:
                raise TimeoutError(f"job {seen['jobId']} is {seen['status']} after {waited:.1f} s")
            pause = min(max(0.05, waited / 4), 5.0) * random.uniform(0.8, 1.2)
            time.sleep(pause if until is None else min(pause, until - began - waited))

    def cancel(self, job: str | Job, reason: str = "") -> Job:
        """End a waiting job at once; ask the worker of an active one to end it. Return the job."""
        return self._act(job, "cancel", {"reason": reason}, {"cancelled"})

    def retry(self, job: str | Job, payload: object = KEEP) -> Job:
        """Give a dead job a new attempt budget, if wished with another payload. Return the job."""
        body = {} if payload is KEEP else {"payload": payload}
        return self._act(job, "retry", body, {"pending", "active", "retrying", *OVER} - {"dead"})

    def _act(self, job: str | Job, verb: str, body: Job, done: set[str]) -> Job:
        try:
            return self._request("POST", f"{_path(job)}/{verb}", _json(body), fits=_is_job)
        except ApiError as error:  # is it refused because an earlier attempt has done it?
            if not error.repeated or _text(error.document, "jobStatus") not in done:
                raise
            return self.job(job)

    def _send(self, chunk: Chunk, outcome: Outcome) -> None:
        body = b'{"jobs":[' + b",".join(encoded for _, encoded in chunk) + b"]}"
        answer = self._request("POST", "/jobs/bulk", body, uuid.uuid4().hex, fits=partial(_is_receipt, len(chunk)))
        outcome.accepted.extend((chunk[each["index"]][0], each["jobId"]) for each in answer["accepted"])
        for each in answer["refused"]:
            index = chunk[each["index"]][0]
            outcome.refused.append(Refused(index, each["code"], each["detail"], each.get("field"), each.get("jobId")))

    def _request(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        key: str = "",
        until: float | None = None,
        *,
        fits: Callable[[Job], bool],
    ) -> Job:
        """The answer. Asks again, with growing pauses, while there is time and the service cannot answer in full."""
        headers = self._headers | ({"Content-Type": "application/json"} if body else {})
        headers |= {"Idempotency-Key": key} if key else {}
        until = time.monotonic() + self.timeout if until is None else until
        repeats = 0
        while True:
            limits = _Limits(max(1.0, self.timeout / 3), max(until, time.monotonic() + 1.0))
            answer = self._connections.ask(method, path, body, headers, limits)
            pause = answer.least_pause + random.uniform(0, min(0.1 * 2 ** min(repeats, 6), 5.0))
            if answer.is_final or time.monotonic() + pause > until:
                return answer.document_or_raise(repeats > 0, fits)
            logger.info("%s %s: %s; again in %.1f s", method, path, answer.status or answer.lost, pause)
            time.sleep(pause)
            repeats += 1


class _Limits(NamedTuple):
    """How long to connect, to send and to hear the answer: each `patience` seconds, none beyond the time `last`."""

    patience: float
    last: float

    def deadline(self) -> float:
        return min(time.monotonic() + self.patience, self.last)


class _Answer(NamedTuple):
    status: int
    document: Job
    least_pause: float = 0.0
    lost: Exception | None = None

    @property
    def is_final(self) -> bool:
        refused = self.document.get("refused")
        lost_some = _are_dicts(refused) and any(each.get("code") == "store_unavailable" for each in refused)
        return self.status not in PASSING and not lost_some

    def document_or_raise(self, repeated: bool, fits: Callable[[Job], bool]) -> Job:
        if self.lost is not None:
            raise NoAnswer(f"the service does not answer: {self.lost!r}") from self.lost
        if not 200 <= self.status < 300 or self.document.get("code") in UNREAD:
            raise ApiError(self.status, self.document, repeated)
        if not fits(self.document):
            document = {"code": "bad_answer", "detail": "the answer is not of the interface", "answer": self.document}
            raise ApiError(self.status, document, repeated)
        return self.document


class _TooLarge(http.client.HTTPException):
    pass


class _Timed(io.RawIOBase):
    """What a socket receives until a deadline, and up to so many bytes."""

    def __init__(self, sock: socket.socket, raw: io.RawIOBase, deadline: float, most: int) -> None:
        self._socket, self._raw, self._deadline, self._left = sock, raw, deadline, most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._left < 0:
            raise _TooLarge
        _keep(self._socket, self._deadline)
        count = self._raw.readinto(buffer)
        self._left -= count or 0
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """An answer that ends in time. http.client's own waits anew for every byte, and for as many as are sent."""

    def __init__(self, sock: socket.socket, *args: Any, deadline: float, most: int, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.most = most
        self.fp: Any = io.BufferedReader(_Timed(sock, self.fp.detach(), deadline, most + HEAD_BYTES))

    def content(self) -> bytes | None:
        """All of it; None if that is too much."""
        if self.length is not None and self.length > self.most:
            return None
        pieces: list[bytes] = []
        read = 0
        try:
            while piece := self.read(PIECE):
                pieces.append(piece)
                read += len(piece)
                if read > self.most:
                    return None
        except _TooLarge:
            return None
        if self.length:
            raise http.client.IncompleteRead(b"", self.length)
        return b"".join(pieces)


class _Connections:
    """Idle connections to one service; the latest is used again first."""

    def __init__(self, parts: SplitResult, context: ssl.SSLContext | None, max_answer: int) -> None:
        self._host, self._port, self._base = str(parts.hostname), parts.port, parts.path.rstrip("/") + "/api"
        self._tls = (context or ssl.create_default_context()) if parts.scheme == "https" else None
        self._idle: deque[http.client.HTTPConnection] = deque()
        self._pid = os.getpid()
        self._max_answer = max_answer

    def close(self) -> None:
        with suppress(IndexError):
            while True:
                self._idle.pop().close()

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str], limits: _Limits) -> _Answer:
        connection = self._take()
        try:
            _send(connection, method, self._base + path, body, headers, limits)
            answer, content = self._receive(connection, limits)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            if isinstance(error, ssl.SSLCertVerificationError):
                raise
            self.close()  # the others are lost with it, as a rule
            return _Answer(0, {}, lost=error)
        except BaseException:
            connection.close()
            raise
        if content is None:
            answer.close()
            connection.close()
            detail = f"the answer has more than {self._max_answer:,} bytes"
            return _Answer(answer.status, {"code": "bad_answer", "detail": detail})
        if len(self._idle) < MOST_IDLE:
            self._idle.append(connection)
        retry_after = answer.getheader("Retry-After", "")
        return _Answer(answer.status, _document(content), float(retry_after) if retry_after.isdecimal() else 0.0)

    def _receive(self, connection: http.client.HTTPConnection, limits: _Limits) -> tuple[_Response, bytes | None]:
        made = partial(_Response, deadline=limits.deadline(), most=self._max_answer)
        connection.response_class = made  # type: ignore[assignment]
        try:
            answer = cast("_Response", connection.getresponse())
            return answer, answer.content()
        except ValueError as error:  # of http.client, for a chunk of negative size
            raise http.client.HTTPException(str(error)) from error

    def _take(self) -> http.client.HTTPConnection:
        if self._pid != os.getpid():  # after a fork the connections are the parent's
            self._idle, self._pid = deque(), os.getpid()
        try:
            return self._idle.pop()
        except IndexError:
            if self._tls is None:
                return http.client.HTTPConnection(self._host, self._port)
            return http.client.HTTPSConnection(self._host, self._port, context=self._tls)


def _send(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: bytes,
    headers: Mapping[str, str],
    limits: _Limits,
) -> None:
    if connection.sock is None:
        connection.timeout = max(limits.deadline() - time.monotonic(), 0.001)
        connection.connect()
    _keep(connection.sock, limits.deadline())  # sendall as a whole has that time
    with suppress(BrokenPipeError):  # it may have refused before it has read all
        connection.request(method, path, body or None, headers)


def _keep(sock: socket.socket, deadline: float) -> None:
    """Let the next step of the socket end in time. Raises TimeoutError where no time is left."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    sock.settimeout(left)


def _encoded(type: str, payload: object = None, **options: Any) -> bytes:  # noqa: A002
    """One job as the interface takes it. Raises TypeError for an option that is none, ValueError."""
    unknown = options.keys() - JobOptions.__optional_keys__
    if unknown:
        raise TypeError(f"there is no option {min(unknown)!r}")
    body: Job = {"type": type, "payload": payload}
    given = {name: value for name, value in options.items() if value is not None}
    if "job_id" in given:
        body["jobId"] = given.pop("job_id")
    body["options"] = {_on_wire(name): _WAYS[name](value) if name in _WAYS else value for name, value in given.items()}
    return _json(body)


def _chunks(jobs: Iterable[Mapping[str, Any]], refused: list[Refused]) -> Iterator[Chunk]:
    """Jobs in lists of what goes into one request; what goes into none is refused."""
    chunk: Chunk = []
    room = BULK_BYTES
    for index, job in enumerate(jobs):
        try:
            encoded = _encoded(**job)
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            refused.append(Refused(index, "invalid", str(error)))
            continue
        if len(encoded) > BULK_BYTES:
            refused.append(Refused(index, "payload_too_large", f"the job has more than {BULK_BYTES:,} bytes"))
            continue
        if len(encoded) > room:
            yield chunk
            chunk, room = [], BULK_BYTES
        chunk.append((index, encoded))
        room -= len(encoded) + 1
        if len(chunk) == BULK_JOBS:
            yield chunk
            chunk, room = [], BULK_BYTES
    if chunk:
        yield chunk


def _milliseconds(duration: Seconds) -> int:
    return round(_seconds(duration) * 1000)


def _seconds(duration: Seconds) -> float:
    return duration.total_seconds() if isinstance(duration, timedelta) else duration


def _instant(moment: datetime) -> str:
    if moment.utcoffset() is None:
        raise ValueError("run_at: give a time with an offset")
    return moment.isoformat()


def _backoff(given: Mapping[str, float]) -> dict[str, float]:
    return {name: _milliseconds(number) if name in ("base", "max") else number for name, number in given.items()}


_WAYS: Final[Mapping[str, Callable[[Any], Any]]] = {  # of options that are not the same on the wire
    **dict.fromkeys(("delay", "timeout", "retention", "deduplication_ttl"), _milliseconds),
    "run_at": _instant,
    "tags": lambda tags: tags if isinstance(tags, str) else list(tags),
    "backoff": _backoff,
}


def _on_wire(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))


def _json(value: object) -> bytes:
    return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()


def _document(content: bytes) -> Job:
    with suppress(ValueError, RecursionError):
        document = json.loads(content)
        if isinstance(document, dict):
            return document
    return {"code": "not_json", "detail": content[:200].decode(errors="replace")}


def _text(document: Job, name: str, default: str = "") -> str:
    value = document.get(name)
    return value if isinstance(value, str) else default


def _are_dicts(value: Any) -> TypeGuard[list[Job]]:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def _is_fault(error: Any) -> TypeGuard[dict[str, str]]:
    return isinstance(error, dict) and all(isinstance(value, str) for value in error.values())


def _is_job(document: Job) -> bool:
    return isinstance(document.get("jobId"), str) and isinstance(document.get("status"), str)


def _is_job_with_result(document: Job) -> bool:
    return _is_job(document) and (document["status"] != "completed" or "result" in document)


def _is_receipt(jobs: int, document: Job) -> bool:
    """Whether it tells of each of so many jobs, once, what became of it."""
    accepted, refused = document.get("accepted"), document.get("refused")
    if not (_are_dicts(accepted) and _are_dicts(refused)):
        return False
    places: list[Any] = [each.get("index") for each in (*accepted, *refused)]
    needed = [each.get("jobId") for each in accepted] + [
        each.get(name) for each in refused for name in ("code", "detail")
    ]
    others = [each.get(name, "") for each in refused for name in ("field", "jobId")]
    return (
        all(type(place) is int for place in places)
        and sorted(places) == list(range(jobs))
        and all(isinstance(value, str) for value in needed)
        and all(value is None or isinstance(value, str) for value in others)
    )


def _path(job: str | Job) -> str:
    return "/jobs/" + quote(job if isinstance(job, str) else job["jobId"], safe="")


def _result(job: Job) -> Any:
    if job["status"] == "completed":
        return job["result"]
    raise (JobCancelled if job["status"] == "cancelled" else JobFailed)(job)
