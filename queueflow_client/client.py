"""The client: its calls, and how long it asks."""

from __future__ import annotations

import logging
import random
import ssl
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Unpack
from urllib.parse import quote, urlsplit

from .answers import PASSING
from .bulk import Chunk, Outcome, Refused, chunks
from .connections import Connections, Limits
from .errors import ApiError, JobCancelled, JobFailed, NoAnswer
from .jobs import Job, JobOptions, Seconds, encoded, seconds, to_json
from .shapes import is_job, is_job_with_result, is_receipt, text

OVER = frozenset({"completed", "dead", "cancelled"})
KEEP = object()

logger = logging.getLogger(__name__)


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
        max_answer: int = 64 * 1024 * 1024,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
            raise ValueError("url: give http://host:port or https://host, without /api")
        if not key or not (key.isascii() and key.isprintable()):
            raise ValueError("key: give an API key as it was shown")  # http.client's own complaint would show it
        self.url, self.timeout = url.rstrip("/"), timeout
        self._headers = {"Authorization": f"Bearer {key}", "User-Agent": "queueflow-client"}
        self._connections = Connections(parts, context, max_answer)

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
        body = encoded(type, payload, **options)
        return self._request("POST", "/jobs", body, idempotency_key or uuid.uuid4().hex, fits=is_job)

    def enqueue_many(self, jobs: Iterable[Mapping[str, Any]]) -> Outcome:
        """Enqueue any number of jobs, given as the arguments of `enqueue`; each is accepted or refused by itself.

        A service that is lost midway refuses the rest. Raises if it is lost before anything was accepted.
        """
        outcome = Outcome([], [])
        lost: ApiError | NoAnswer | None = None
        for chunk in chunks(jobs, outcome.refused):
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
        return self._request("GET", path_of(job), fits=is_job)

    def wait(self, job: str | Job, timeout: Seconds | None = 60.0) -> Any:
        """The result of a job when it is completed. Asks again after a quarter of the time waited, 50 ms to 5 s.

        Raises JobFailed, JobCancelled, and TimeoutError after `timeout`; None waits for as long as the service answers.
        """
        began = time.monotonic()
        until = None if timeout is None else began + seconds(timeout)
        while True:
            try:
                seen = self._request("GET", path_of(job), until=until, fits=is_job_with_result)
            except (ApiError, NoAnswer) as error:
                if until is None or error.status not in PASSING:
                    raise
                raise TimeoutError("the job was not seen to end in time") from error
            waited = time.monotonic() - began
            if seen["status"] in OVER:
                return result_of(seen)
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
        return self._act(job, "retry", body, {"pending", "active", "retrying", "completed", "cancelled"})

    def _act(self, job: str | Job, verb: str, body: Job, done: set[str]) -> Job:
        try:
            return self._request("POST", f"{path_of(job)}/{verb}", to_json(body), fits=is_job)
        except ApiError as error:  # is it refused because an earlier attempt has done it?
            if not error.repeated or text(error.document, "jobStatus") not in done:
                raise
            return self.job(job)

    def _send(self, chunk: Chunk, outcome: Outcome) -> None:
        body = b'{"jobs":[' + b",".join(content for _, content in chunk) + b"]}"
        answer = self._request("POST", "/jobs/bulk", body, uuid.uuid4().hex, fits=partial(is_receipt, len(chunk)))
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
            limits = Limits(max(1.0, self.timeout / 3), max(until, time.monotonic() + 1.0))
            answer = self._connections.ask(method, path, body, headers, limits)
            pause = answer.least_pause + random.uniform(0, min(0.1 * 2 ** min(repeats, 6), 5.0))
            if answer.is_final or time.monotonic() + pause > until:
                return answer.document_or_raise(repeats > 0, fits)
            logger.info("%s %s: %s; again in %.1f s", method, path, answer.status or answer.lost, pause)
            time.sleep(pause)
            repeats += 1


def path_of(job: str | Job) -> str:
    """Where a job is found."""
    return "/jobs/" + quote(job if isinstance(job, str) else job["jobId"], safe="")


def result_of(job: Job) -> Any:
    """What a job that is over has returned. Raises JobFailed, JobCancelled."""
    if job["status"] == "completed":
        return job["result"]
    raise (JobCancelled if job["status"] == "cancelled" else JobFailed)(job)
