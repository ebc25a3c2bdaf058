"""What people do to jobs and queues, in whichever partition they lie."""

from __future__ import annotations

from collections.abc import Sequence

from jobs.states import State
from jobs.store.fencing import NotLeading
from jobs.store.operator import Moved, Operator
from jobs.store.store import Store
from jobs.types import Envelope

from .spread import Spread


class SpreadOperator(Operator):
    """An `Operator` over all partitions."""

    def __init__(self, spread: Spread) -> None:
        self._spread = spread
        self.offset_ms = spread.home.offset_ms

    def cancel(self, ids: Sequence[str], reason: str = "") -> list[Moved]:
        """Ends waiting jobs, asks for the end of active ones."""
        return self._spread.by_id(ids, lambda part, some: part.operator.cancel(some, reason))

    def run_now(self, ids: Sequence[str]) -> list[Moved]:
        """Makes scheduled and retrying jobs claimable at once."""
        return self._spread.by_id(ids, lambda part, some: part.operator.run_now(some))

    def retry(self, ids: Sequence[str], *, queue: str = "", envelope: Envelope | None = None) -> list[Moved]:
        """Puts dead jobs back."""
        return self._spread.by_id(
            ids, lambda part, some: part.operator.retry(some, queue=queue, envelope=envelope)
        )  # fmt: skip

    def delete(
        self,
        ids: Sequence[str],
        *,
        seen_in: State | None = None,
        counter: str = "deleted",
        duty: str = "",
        token: str = "",
    ) -> list[Moved]:
        """Removes jobs. `duty` is one that is led at home: elsewhere its token is looked at right before.

        What two leaders remove at once they remove once, as each takes jobs only that are in the state they were seen
        in.
        """
        home = self._spread.home

        def delete(part: Store, some: list[str]) -> list[Moved]:
            if part is home:
                return part.operator.delete(some, seen_in=seen_in, counter=counter, duty=duty, token=token)
            if token and (home.client.call("GET", home.keys.leader(duty)) or b"").decode(errors="replace") != token:
                raise NotLeading
            return part.operator.delete(some, seen_in=seen_in, counter=counter)

        return self._spread.by_id(ids, delete)

    def pause(self, queue: str) -> bool:
        """Stops claims from a queue. False when it was paused in all partitions already."""
        return any(self._spread.everywhere(lambda part: part.operator.pause(queue)))

    def resume(self, queue: str) -> bool:
        """Lets claims go on. False when it was paused in none."""
        return any(self._spread.everywhere(lambda part: part.operator.resume(queue)))

    def order(self, worker: str, text: str) -> None:
        """Leaves an order for a worker, who hears it from any partition."""
        self._spread.home.operator.order(worker, text)
