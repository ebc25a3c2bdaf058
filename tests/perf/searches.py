"""Searches payloads for a text that is nowhere, a slice after the other, to the end."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Final
from urllib.parse import quote

from tests.perf.figures import Figure, timing
from tests.perf.installation import FullInstallation

NOWHERE: Final = "ORD-nowhere"
SLICE_MS: Final = 100.0
SLICE_JOBS: Final = 10_000
SEARCHES: Final = (("/api/dlq", "dead jobs", 2.0), ("/api/jobs", "all jobs", 8.0))  # and most seconds for a million


def searches(installation: FullInstallation) -> Iterator[Figure]:
    """Both searches, with and without the right to see payloads."""
    for who, key in (("everything", installation.key), ("masked", installation.reading_key)):
        for path, what, seconds in SEARCHES:
            yield from _search(installation, key, path, f"search {what}, {who}", seconds)


def _search(installation: FullInstallation, key: str, path: str, section: str, most: float) -> Iterator[Figure]:
    caller = installation.key_caller(key)
    started, before = time.monotonic(), installation.busy_ms()
    slices: list[float] = []
    counts = [0]
    cursor = ""
    while True:
        answer = caller.ask(f"{path}?q={NOWHERE}" + (f"&cursor={quote(cursor)}" if cursor else ""))
        page = json.loads(answer.body)
        slices.append(answer.ms)
        counts.append(page["searched"]["count"])
        cursor = page["nextCursor"] or ""
        if not cursor:
            break
    total = time.monotonic() - started
    web, store = ((after - start) / 1000 for after, start in zip(installation.busy_ms(), before, strict=True))
    caller.close()
    sizes = sorted(after - before for before, after in pairwise(counts))
    yield timing(section, "a slice", slices, SLICE_MS)
    smallest = sizes[len(sizes) > 1]  # the last one is what was left
    yield Figure(section, "jobs a slice, at least", smallest, "jobs", min(SLICE_JOBS, counts[-1]), at_least=True)
    share = max(installation.recipe.jobs / 1_000_000, 0.1)
    note = f"{counts[-1]:,} jobs; processor {web:.1f} in web, {store:.1f} in the store"
    yield Figure(section, "the whole search", total, "s", most * share, note=note)
