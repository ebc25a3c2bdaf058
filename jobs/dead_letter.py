"""The dead-letter queue: what died and why, and what to do about many of it at once."""

from __future__ import annotations

import msgspec

from .errors import JobNotFound
from .filtering import JobFilter
from .inspection.groups import GroupLine, GroupPage, Groups, GroupsWanted, group_page
from .inspection.search import Page
from .inspector import Inspector
from .redaction import Redactor
from .states import State
from .steering import Steering
from .store.codes import MoveCode
from .store.store import Store

DEAD = (State.DEAD,)
EVERY_GROUP = GroupsWanted()


class DeadLetterQueue:
    """Dead jobs of a store, as somebody may see them. All methods raise StoreUnavailable and its kin."""

    def __init__(self, store: Store, redactor: Redactor | None = None) -> None:
        """With a redactor, what it hides is masked, and found by no list."""
        self._store = store
        self._redactor = redactor

    def jobs(self, wanted: JobFilter, limit: int = 50, cursor: str = "") -> Page:
        """One step through the dead jobs that match, latest death first. Raises InvalidJob for a foreign cursor."""
        return Inspector(self._store, self._redactor).jobs(only_dead(wanted), limit, cursor)

    def groups(self, wanted: GroupsWanted = EVERY_GROUP, groups: Groups | None = None) -> list[GroupLine]:
        """Dead jobs grouped by the fingerprint of their error, largest group first. `groups`: as read before."""
        return self.group_page(wanted, groups).lines

    def group_page(self, wanted: GroupsWanted, groups: Groups | None = None) -> GroupPage:
        """The same, with how many groups match in all."""
        return group_page(self._store, wanted, self._redactor, groups)

    def retry(self, job_id: str, payload: bytes | None = None) -> None:
        """Put one back with a new attempt budget, if wished with another payload. Raises what `Steering.retry` does."""
        Steering(self._store).retry(job_id, payload)

    def delete(self, job_id: str) -> None:
        """Remove one. Raises JobNotFound, also for a job that is not dead."""
        rows = self._store.browser.rows([job_id])
        if not rows or (rows[0].record is not None and rows[0].record.state is not State.DEAD):
            raise JobNotFound(job_id)
        [moved] = self._store.operator.delete([job_id], seen_in=State.DEAD if rows[0].record else None)
        if moved.code is not MoveCode.DONE:  # somebody was quicker
            raise JobNotFound(job_id)


def only_dead(wanted: JobFilter) -> JobFilter:
    """The filter, for dead jobs only."""
    return msgspec.structs.replace(wanted, states=DEAD)
