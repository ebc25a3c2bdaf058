"""RQ's worker, for what the page enqueues with it."""

from typing import Any

from rq import SimpleWorker


def between(number: int, names: dict[str, Any]) -> None:
    """A real worker, once something waits."""
    if number == 2:
        SimpleWorker([names["queue"]], connection=names["queue"].connection).work(burst=True)
        assert names["receipt"].return_value() == {"order": 7, "sent": "ada@example.com"}
