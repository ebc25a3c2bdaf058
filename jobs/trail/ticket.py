"""One entry on its way to the database, between who waits for it and the scribe."""

from __future__ import annotations

import threading
from typing import Any, Final

from django.utils import timezone

from jobs.logs import get_logger
from jobs.models import AuditEntry, Status

from .errors import TrailUnavailable

log = get_logger(__name__)
PAUSES: Final = (0.5, 1.0, 2.0, 5.0, 15.0, 30.0)  # seconds before each further try of a completion


class Intent:
    """An entry to be added. It is decided once, by the scribe (written or not) or by who gives up waiting."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self._fields = fields
        self._lock = threading.Lock()
        self._decided = threading.Event()
        self._error: TrailUnavailable | None = None
        self.pk = 0

    def wait(self, seconds: float) -> int:
        """The entry's primary key. Raises TrailUnavailable when it is not written within `seconds`."""
        if not self._decided.wait(seconds):
            self._decide(TrailUnavailable(f"the database did not answer within {seconds:g} s"))
        if self._error is not None:
            raise self._error
        return self.pk

    @property
    def wanted(self) -> bool:
        """False when nobody waits for it any more."""
        return not self._decided.is_set()

    def write(self, using: str) -> None:
        """Add the entry, in a transaction of the scribe's."""
        entry = AuditEntry(**self._fields)
        entry.save(using=using)
        self.pk = entry.pk

    def written(self) -> Completion | None:
        """It is committed. When nobody waited so long, the completion which says that nothing was done."""
        if self._decide(None):
            return None
        code = TrailUnavailable.code
        return Completion(self.pk, {"status": Status.FAILED, "code": code, "finished_at": timezone.now()})

    def refused(self, error: Exception) -> float | None:
        """It could not be written: None, there is no further try."""
        self._decide(TrailUnavailable(str(error).strip() or type(error).__name__))
        return None

    def _decide(self, error: TrailUnavailable | None) -> bool:
        with self._lock:
            if self._decided.is_set():
                return False
            self._error = error
            self._decided.set()
            return True


class Completion:
    """The end of an entry that was added. `settled` is set when it is written, or given up."""

    def __init__(self, pk: int, values: dict[str, Any]) -> None:
        self.pk = pk
        self._values = values
        self._tries = 0
        self.settled = threading.Event()

    @property
    def wanted(self) -> bool:
        """False when it is written."""
        return not self.settled.is_set()

    def write(self, using: str) -> None:
        """Write it, in a transaction of the scribe's."""
        AuditEntry.objects.db_manager(using).complete(self.pk, **self._values)

    def written(self) -> None:
        """It is committed; nothing is left to do."""
        self.settled.set()

    def refused(self, error: Exception) -> float | None:
        """It could not be written: the seconds to wait before the next try; None when that was the last."""
        self._tries += 1
        if self._tries <= len(PAUSES):
            return PAUSES[self._tries - 1]
        self.given_up(error)
        return None

    def given_up(self, error: Exception | None = None) -> None:
        """Leave the entry as an intent, which people see as unknown after a minute; the log has what is missing."""
        log.error(
            "an audit entry stays without its end",
            entry=self.pk,
            error=str(error or "the process ends"),
            **{name: str(value) for name, value in self._values.items()},
        )
        self.settled.set()


class Count(Completion):
    """How many things an operation changed. It is written once, or later from the store, which knows it too."""

    def __init__(self, pk: int, changed: int, detail: dict[str, Any]) -> None:
        super().__init__(pk, {"changed": changed, "detail": detail})

    def write(self, using: str) -> None:
        """Write it, in a transaction of the scribe's."""
        AuditEntry.objects.db_manager(using).counted(self.pk, **self._values)

    def refused(self, error: Exception) -> None:
        """It could not be written: there is no further try."""
        self.settled.set()


Item = Intent | Completion
