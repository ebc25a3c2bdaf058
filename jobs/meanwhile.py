"""Work for the time in which an answer is awaited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Meanwhile(Generic[T]):
    """Work that is begun once: by whoever awaits an answer, else when its result is asked for.

    Calling it raises nothing but interrupts, so that its failure is not taken for one of the answer.
    """

    def __init__(self, work: Callable[[], T]) -> None:
        self._work: Callable[[], T] | None = work
        self._result: T
        self._error: BaseException | None = None

    def __call__(self) -> None:
        """Do the work, unless that was done."""
        work, self._work = self._work, None
        if work is None:
            return
        try:
            self._result = work()
        except Exception as error:
            self._error = error
        except BaseException as error:
            self._error = error
            raise

    def result(self) -> T:
        """What came of the work. Raises what that raised."""
        self()
        if self._error is not None:
            raise self._error
        return self._result
