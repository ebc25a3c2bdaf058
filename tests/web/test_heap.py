"""What the web process loads once is not walked by the garbage collector again."""

from __future__ import annotations

import gc
from collections.abc import Callable
from itertools import pairwise

from jobs.web.heap import settle


def test_the_heap_is_frozen_at_the_start_and_when_the_first_requests_have_loaded_their_part() -> None:
    calls: list[tuple[float, Callable[[], None]]] = []
    settle(lambda seconds, call: calls.append((seconds, call)))
    counts = []
    loaded: list[list[list[int]]] = []  # what each round loads
    try:
        for _, call in calls:
            loaded.append([[] for _ in range(1000)])
            call()
            counts.append(gc.get_freeze_count())
    finally:
        gc.unfreeze()
    assert [seconds for seconds, _ in calls] == [0, 30, 300]
    assert counts[0] > 10_000
    assert all(after - before >= 1000 for before, after in pairwise(counts))
