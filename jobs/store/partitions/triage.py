"""What people think of error groups: kept at home, of groups in any partition."""

from __future__ import annotations

from jobs.store.triage import Note, Triage, Verdict

from .spread import Spread


class SpreadTriage(Triage):
    """A `Triage` over all partitions."""

    def __init__(self, spread: Spread) -> None:
        self._spread = spread

    def note(
        self, fingerprint: str, verdict: Verdict | None, by: str = "", reason: str = "", *, known: bool = False
    ) -> bool:
        """Note a verdict; None opens the group again. False where there is neither such a group nor a note on one."""
        others = self._spread.parts[1:]
        known = known or any(part.client.call("HEXISTS", part.keys.dlq_groups, fingerprint) for part in others)
        return self._spread.home.triage.note(fingerprint, verdict, by, reason, known=known)

    def notes(self) -> dict[str, Note]:
        """The notes by fingerprint; those that cannot be decoded are left out."""
        return self._spread.home.triage.notes()
