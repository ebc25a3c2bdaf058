"""A client of the REST interface in the standard library: what a service in any language would do."""

import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

BULK_LIMIT = 1000
TIMEOUT_SECONDS = 10.0


class ApiError(Exception):
    """The service refused: ``status`` is HTTP's, ``code`` the stable word of the problem document."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status = status
        self.code = code


class ApiClient:
    """Enqueue jobs over HTTP. A request is repeated while the service is away, up to ``patience`` seconds."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        patience: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._api_key = api_key
        self._patience = patience
        self._sleep = sleep

    def enqueue(self, job: Mapping[str, object]) -> dict[str, Any]:
        """Enqueue one job ``{type, payload, options?}``; the answer of the service. Raises ApiError, OSError."""
        return self._post("/api/jobs", job)

    def enqueue_many(self, jobs: Sequence[Mapping[str, object]]) -> dict[str, list[dict[str, Any]]]:
        """Enqueue any number of jobs: ``{accepted: [{index, jobId}], refused: [{index, code, detail}]}``.

        ``index`` counts in ``jobs``. Raises ApiError, OSError.
        """
        outcome: dict[str, list[dict[str, Any]]] = {"accepted": [], "refused": []}
        for first in range(0, len(jobs), BULK_LIMIT):
            answer = self._post("/api/jobs/bulk", {"jobs": jobs[first : first + BULK_LIMIT]})
            for kind, items in outcome.items():
                items += [{**item, "index": item["index"] + first} for item in answer[kind]]
        return outcome

    def _post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        # One key for all repeats of this request: what an unanswered one enqueued is not enqueued again.
        headers = {
            "Authorization": f"Bearer {self._api_key}",
            "Content-Type": "application/json",
            "Idempotency-Key": str(uuid.uuid4()),
        }
        request = urllib.request.Request(self._base_url + path, json.dumps(body).encode(), headers)  # noqa: S310
        deadline = time.monotonic() + self._patience
        while True:
            try:
                with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
                    return dict(json.load(answer))
            except urllib.error.HTTPError as exc:
                wait, error = _wait_after(exc), _problem(exc)
                if wait is None or time.monotonic() + wait > deadline:
                    raise error from exc
            except OSError:
                wait = 0.2
                if time.monotonic() + wait > deadline:
                    raise
            self._sleep(wait)


def _wait_after(answer: urllib.error.HTTPError) -> float | None:
    """Seconds after which the service wants to be asked again; None when it has decided."""
    if answer.code not in {429, 503}:
        return None
    retry_after = answer.headers.get("Retry-After", "")
    return float(retry_after) if retry_after.isdigit() else 1.0


def _problem(answer: urllib.error.HTTPError) -> ApiError:
    text = answer.read().decode(errors="replace")
    try:
        problem = json.loads(text)
        return ApiError(answer.code, str(problem["code"]), str(problem.get("detail", "")))
    except (ValueError, KeyError, TypeError, AttributeError):
        return ApiError(answer.code, "unknown", text[:200])
