"""The table of docs/reliability.md: one line for each fault and what it cost."""

from __future__ import annotations

from typing import Final, NamedTuple

from tests.faults.load import Account

HEAD: Final = (
    "| Fault | How | Times | In flight (claimed) | Jobs | Executions | Refused, repeated | Lost | Recorded twice "
    "| Longest pause | Longest recovery |\n|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
)


class Row(NamedTuple):
    """A line. `open` and `claimed`: jobs not ended when the fault came, and those of them that workers had."""

    fault: str
    how: str
    times: int
    open: int
    claimed: int
    jobs: int
    executions: int
    refusals: int
    lost: int
    twice: int
    pause: float  # seconds, as the next
    recovery: float

    @classmethod
    def of(cls, fault: str, how: str, times: int, account: Account) -> Row:
        """The line of an account."""
        return cls(
            fault, how, times, account.open, account.claimed, account.accepted, account.executions, account.refusals,
            account.lost, account.twice, account.pause, account.recovery,
        )  # fmt: skip

    def __str__(self) -> str:
        figures = (self.jobs, self.executions, self.refusals, self.lost, self.twice)
        in_flight = f"{self.open:,} ({self.claimed:,})"
        cells = [
            self.fault, self.how, f"{self.times:,}", in_flight, *(f"{each:,}" for each in figures),
            f"{self.pause:.1f} s", f"{self.recovery:.1f} s",
        ]  # fmt: skip
        return f"| {' | '.join(cells)} |"


def gap(fault: str, how: str, why: str) -> str:
    """The line of a fault that came to no account."""
    return f"| {fault} | {how} | {why} |{' |' * (HEAD.partition(chr(10))[0].count('|') - 4)}"
