"""What a scaler that knows the future would pay: a linear programme."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Any

from .workload import Workload

CELL = 30.0
MISSING = "The clairvoyant bound is left out: it needs scipy (pip install '.[scaling]')."


def available() -> bool:
    """Whether the solver is installed."""
    return importlib.util.find_spec("scipy") is not None


def bound(jobs: Workload, goal: float, startup: float, minimum: int = 0) -> float:
    """The fewest worker-seconds with which no job waits longer than `goal`, in seconds of work as a fluid.

    min sum(n * cell) + startup * launches, where the work served by t lies between L(t), what must have been done to be
    in time, sum(min(s, (t - goal - a)+)), and U(t), what there can have been, sum(min(s, (t - a)+));
    served in a cell <= n * cell; n >= minimum; launches >= the growth of n beyond it. Solved with HiGHS. Needs scipy.
    """
    import numpy as np
    from scipy.optimize import linprog
    from scipy.sparse import bmat, diags, eye

    cell = CELL
    cells = int(jobs.seconds / cell) + 8
    ends = np.arange(1, cells + 1) * cell
    must, can = _work_until(jobs, ends - goal), _work_until(jobs, ends)
    must[-1] = can[-1] = max(must[-1], can[-1])
    one = eye(cells, format="csr")
    growth = diags([1.0, -1.0], [0, -1], shape=(cells, cells), format="csr")
    rows = bmat([[-cell * one, None, growth], [growth, -one, None]], format="csr")
    most = np.zeros(2 * cells)
    most[cells] = minimum  # those are there from the start
    cost = np.concatenate([np.full(cells, cell), np.full(cells, startup), np.zeros(cells)])
    kept = np.where(np.arange(cells) < jobs.seconds / cell, minimum, 0)
    limits = [(least, None) for least in kept.tolist()] + [(0, None)] * cells
    limits += zip(must.tolist(), can.tolist(), strict=True)
    found = linprog(cost, A_ub=rows, b_ub=most, bounds=limits, method="highs")
    if not found.success:
        kind = MemoryError if "memory" in found.message.lower() else ArithmeticError
        raise kind(f"the bound could not be computed: {found.message}")
    return float(found.fun)


def _work_until(jobs: Workload, times: Sequence[float] | Any) -> Any:
    """Sum over the jobs of min(s, (t - a)+) for each t."""
    import numpy as np

    starts = np.asarray(jobs.arrivals)
    ends = np.sort(starts + np.asarray(jobs.services))

    def since(moments: Any) -> Any:
        total = np.concatenate([[0.0], np.cumsum(moments)])
        count = np.searchsorted(moments, times)
        return count * times - total[count]

    return since(starts) - since(ends)
