"""How a worker is to be laid out."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.work import Kind


@dataclass(frozen=True)
class Shape:
    """``processes`` workers for handlers of one kind, with ``slots`` in each.

    ``slots`` None leaves the number to the subject: what suits its no-op jobs best.
    """

    processes: int
    kind: Kind
    slots: int | None = None
