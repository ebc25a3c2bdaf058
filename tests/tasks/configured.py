"""TASKS of the tests: one alias for each way to be told something."""

from __future__ import annotations

from typing import Any, Final

BACKEND: Final = "jobs.backends.QueueFlowBackend"
QUICKLY: Final = {"base": 0.05, "factor": 1, "max": 0.05, "jitter": 0}

TASKS: Final[dict[str, Any]] = {
    "default": {"BACKEND": BACKEND, "QUEUES": ["default", "mail", "idle"]},
    "retrying": {"BACKEND": BACKEND, "OPTIONS": {"max_retries": 2, "backoff": QUICKLY}},
    "patient": {"BACKEND": BACKEND, "OPTIONS": {"max_retries": 1, "backoff": {**QUICKLY, "base": 60, "max": 60}}},
    "hurried": {"BACKEND": BACKEND, "OPTIONS": {"timeout": 0.3}},
    "forgetful": {"BACKEND": BACKEND, "OPTIONS": {"retention": 0}},
    "committing": {"BACKEND": BACKEND, "OPTIONS": {"enqueue_on_commit": True}},
    "subclass": {"BACKEND": "tests.tasks.subclass.Subclass"},
}
