"""Pauses of single job types in all partitions."""

from __future__ import annotations

from jobs.store.type_pauses import Progress, TypePause, TypePauses

from .spread import Spread, by_name


class SpreadTypePauses(TypePauses):
    """A `TypePauses` over all partitions. A type is paused while it is in any of them."""

    def __init__(self, spread: Spread) -> None:
        self._spread = spread
        self.offset_ms = spread.home.offset_ms

    def pause(self, job_type: str) -> bool:
        """Stops claims of a type. False when it was paused in all partitions already.

        Raises InvalidJob for what cannot be a type, TooManyPausedTypes; both in the first partition, before it is
        paused anywhere.
        """
        return any(self._spread.everywhere(lambda part: part.type_pauses.pause(job_type)))

    def resume(self, job_type: str, seconds: float = 0.25) -> bool:
        """Lets claims of a type go on. False when it was paused in none. Moves held jobs back for `seconds` in all."""
        share = seconds / len(self._spread.parts)
        return any(self._spread.everywhere(lambda part: part.type_pauses.resume(job_type, share)))

    def go_on(self, job_type: str, seconds: float) -> Progress:
        """Moves held jobs back for `seconds` in all, where somebody has begun to resume the type."""
        share = seconds / len(self._spread.parts)
        found = self._spread.everywhere(lambda part: part.type_pauses.go_on(job_type, share))
        return Progress(sum(each.moved for each in found), any(each.more for each in found))

    def all(self) -> dict[str, TypePause]:
        """The types that are paused or about to resume, sorted. One is about to where it is paused in no partition."""
        found = by_name(self._spread.everywhere(lambda part: part.type_pauses.all()))
        return {job_type: _together(found[job_type]) for job_type in sorted(found)}


def _together(pauses: list[TypePause]) -> TypePause:
    return TypePause(
        since=min(pause.since for pause in pauses),
        resuming=all(pause.resuming for pause in pauses),
        held=sum(pause.held for pause in pauses),
    )
