"""What came back of a request, and when that is the last word."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from .errors import ApiError, NoAnswer
from .jobs import Job
from .shapes import are_dicts

PASSING = frozenset({0, 429, 502, 503, 504})  # 0: no answer came
UNREAD = ("not_json", "bad_answer")  # codes of the client's own


class Answer(NamedTuple):
    """HTTP's status and the document. `least_pause`: seconds to wait before the next request; `lost`: why none came."""

    status: int
    document: Job
    least_pause: float = 0.0
    lost: Exception | None = None

    @property
    def is_final(self) -> bool:
        """Whether asking again would change nothing."""
        refused = self.document.get("refused")
        lost_some = are_dicts(refused) and any(each.get("code") == "store_unavailable" for each in refused)
        return self.status not in PASSING and not lost_some

    def document_or_raise(self, repeated: bool, fits: Callable[[Job], bool]) -> Job:
        """The document, if it is one that `fits`. Raises ApiError, NoAnswer."""
        if self.lost is not None:
            raise NoAnswer(f"the service does not answer: {self.lost!r}") from self.lost
        if not 200 <= self.status < 300 or self.document.get("code") in UNREAD:
            raise ApiError(self.status, self.document, repeated)
        if not fits(self.document):
            document = {"code": "bad_answer", "detail": "the answer is not of the interface", "answer": self.document}
            raise ApiError(self.status, document, repeated)
        return self.document
