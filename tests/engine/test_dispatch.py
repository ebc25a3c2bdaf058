"""What goes to the store in one script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest

from jobs.store.codes import SettleCode
from jobs.store.consumer import Consumer
from jobs.store.outcomes import Completed, Failed, Outcome
from jobs.types import Failure
from jobs.worker.contact import Contact
from jobs.worker.dispatch import Dispatch
from tests.engine.parts import held

MEBIBYTE = 1024 * 1024


class Taking:
    """A consumer that takes everything and notes how many outcomes came at once."""

    unanswered = False

    def __init__(self) -> None:
        self.batches: list[int] = []

    def complete(self, items: Sequence[object]) -> list[SettleCode]:
        self.batches.append(len(items))
        return [SettleCode.OK] * len(items)

    fail = complete


def large(claim: Any, kind: type[Outcome]) -> Outcome:
    """An outcome that carries most of half a MiB."""
    text = "x" * (MEBIBYTE // 2 - 10)
    if kind is Completed:
        return Completed(claim, 0, 0, text.encode())
    return Failed(claim, 0, 0, Failure("ValueError", "no", text, "f" * 16), 0)


@pytest.mark.parametrize("kind", [Completed, Failed])
def test_a_script_carries_two_mebibytes_of_results_or_errors_at_most(kind: type[Outcome]) -> None:
    consumer = Taking()
    jobs = [held(f"job-{number}") for number in range(10)]
    for job in jobs:
        job.outcome = large(job.claim, kind)
    settled = [job for job, _ in Dispatch(cast(Consumer, consumer), Contact()).settle(jobs)]
    assert settled == jobs
    assert consumer.batches == [4, 4, 2]
