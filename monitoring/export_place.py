"""Places for exports: few run at once in a web process, fewer of one person, so that memory stays what it is."""

from __future__ import annotations

from typing import Final

from jobs.api.problems import Problem

AT_ONCE: Final = 4  # a web process
MOST_A_PERSON: Final = 2  # so that one who takes nothing leaves room for others
RETRY_SECONDS: Final = 10


class ExportPlace:
    """One running export. The place is free again after `leave`, or when nobody has hold of it any more.

    Taken before anything is read: those who come in one burst count each other.
    """

    _taken: Final[list[str]] = []  # by whom, one entry an export

    def __init__(self, person: str) -> None:
        """Take a place. Raises Problem 429 when there is none."""
        self._person: str | None = None
        if self._taken.count(person) >= MOST_A_PERSON:
            raise _refused(f"{MOST_A_PERSON} exports of yours run already. Wait until one has ended.")
        if len(self._taken) >= AT_ONCE:
            raise _refused(f"{AT_ONCE} exports run already, as many as may. Try again in a moment.")
        self._taken.append(person)
        self._person = person

    @classmethod
    def running(cls) -> int:
        """How many exports run now."""
        return len(cls._taken)

    def leave(self) -> None:
        """Give the place back. Twice is as good as once."""
        person, self._person = self._person, None
        if person is not None:
            self._taken.remove(person)

    def __del__(self) -> None:
        """An answer that nobody begins to send never gets to its end."""
        self.leave()


def _refused(detail: str) -> Problem:
    return Problem(429, "rate_limited", detail, headers={"Retry-After": str(RETRY_SECONDS)})
