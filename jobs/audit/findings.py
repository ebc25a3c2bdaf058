"""What an audit found: a bounded list of sentences and a count a kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec

MOST_LISTED: Final = 200


class Finding(msgspec.Struct, frozen=True):
    """One thing that is not as it must be: a stable word, the job, key or counter it is about, and a sentence."""

    kind: str
    subject: str
    text: str


class Findings:
    """Collects findings, each once; lists the first 200 and counts all."""

    def __init__(self) -> None:
        self.listed: list[Finding] = []
        self.counts: Counter[str] = Counter()
        self._seen: set[int] = set()

    def add(self, kind: str, subject: str, text: str) -> None:
        """Note one; a repeat of the same kind and subject is ignored."""
        mark = hash((kind, subject))
        if mark in self._seen:
            return
        self._seen.add(mark)
        self.counts[kind] += 1
        if len(self.listed) < MOST_LISTED:
            self.listed.append(Finding(kind, subject, text))


class AuditReport(msgspec.Struct, frozen=True):
    """The outcome. `quiet`: nothing changed meanwhile, so every counter was compared; else only steady drift counts."""

    jobs: int
    findings: list[Finding]
    counts: dict[str, int]
    quiet: bool
    seconds: float

    @property
    def clean(self) -> bool:
        """True when nothing was found."""
        return not self.counts

    @property
    def total(self) -> int:
        """How many findings there are, listed or not."""
        return sum(self.counts.values())


def together(reports: Sequence[AuditReport]) -> AuditReport:
    """The report on several partitions; a finding says in which of them it was made."""
    findings = [
        Finding(each.kind, each.subject, f"partition {number}: {each.text}")
        for number, report in enumerate(reports)
        for each in report.findings
    ]
    counts: Counter[str] = Counter()
    for report in reports:
        counts.update(report.counts)
    return AuditReport(
        jobs=sum(report.jobs for report in reports),
        findings=findings[:MOST_LISTED],
        counts=dict(counts),
        quiet=all(report.quiet for report in reports),
        seconds=sum(report.seconds for report in reports),
    )
