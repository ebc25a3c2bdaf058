"""What the API answers when it refuses: RFC 9457 documents, and the table from our exceptions to them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any, Final

import msgspec
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, InterfaceError
from django.http import HttpResponse
from django.http.request import UnreadablePostError

from jobs import errors
from jobs.advice import advice
from jobs.inspection.wire import about
from jobs.patience import Telling
from jobs.store.producer import IdempotencyKeyReused
from jobs.store.type_pauses import TooManyPausedTypes
from jobs.trail.errors import TrailUnavailable

from .reply import Reply

logger = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_SECONDS: Final = 1
MAY_BE_THERE: Final = "The job may be there; a repeat with the same jobId does not make it twice."
_telling: Final = Telling("api")
TITLES: Final = {413: "Content Too Large", 422: "Unprocessable Content"}  # older Pythons have older words


class FieldError(msgspec.Struct, frozen=True):
    """What is wrong with one field."""

    field: Annotated[str, about("The field, in the wire's notation: options.delay, jobs[3].type; of a query, its name")]
    message: Annotated[str, about("What is wrong with it, for people")]


class Problem(Exception):
    """A refusal. `members` are those of the document besides the standard ones, `headers` go with the answer."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        fields: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.fields = tuple(fields)
        self.headers = dict(headers or {})
        self.members = dict(members or {})

    def document(self) -> dict[str, Any]:
        """The members of the answer's JSON."""
        made: dict[str, Any] = {"status": self.status, "title": title(self.status)}
        made |= {"detail": self.detail, "code": self.code}
        if self.fields:
            made["errors"] = self.fields
        return made | self.members

    def reply(self) -> Reply:
        """The answer."""
        headers = {"Cache-Control": "no-store", "Content-Type": MEDIA_TYPE, **self.headers}
        return Reply(self.status, headers, msgspec.json.encode(self.document()))

    def response(self) -> HttpResponse:
        """The answer as Django's response."""
        return self.reply().response()


def title(status: int) -> str:
    """The words for a status code, as HTTP has them."""
    return TITLES.get(status) or HTTPStatus(status).phrase


def invalid(fields: Sequence[FieldError], code: str = "invalid") -> Problem:
    """422 for fields that cannot be accepted; the first one is the detail."""
    first = fields[0]
    return Problem(422, code, f"{first.field}: {first.message}", fields=fields)


def invalid_field(field: str, message: str) -> Problem:
    """422 for one field."""
    return invalid([FieldError(field, message)])


def unauthorized(detail: str) -> Problem:
    """401, saying how to prove who one is."""
    return Problem(401, "unauthorized", detail, headers={"WWW-Authenticate": 'Bearer realm="QueueFlow"'})


def forbidden(detail: str, code: str = "forbidden") -> Problem:
    """403."""
    return Problem(403, code, detail)


def not_found(detail: str = "There is nothing at this address.") -> Problem:
    """404, for what does not exist and for what is not the caller's alike."""
    return Problem(404, "not_found", detail)


def too_large(detail: str) -> Problem:
    """413."""
    return Problem(413, "payload_too_large", detail)


def unavailable(code: str, detail: str, seconds: float = RETRY_AFTER_SECONDS) -> Problem:
    """503 with the seconds after which another try makes sense."""
    return Problem(503, code, detail, headers={"Retry-After": str(max(1, round(seconds)))})


def conflict(detail: str, members: Mapping[str, object] | None = None) -> Problem:
    """409 where the state of a thing forbids what was asked."""
    return Problem(409, "conflict", detail, members=members)


def _invalid_job(error: errors.InvalidJob) -> Problem:
    return invalid([FieldError(error.field, error.message)], error.code)


def _duplicate(error: errors.DuplicateJob) -> Problem:
    detail = "The deduplication key belongs to another unfinished job."
    return Problem(409, error.code, detail, members={"jobId": error.job_id})


def _wrong_state(error: errors.WrongState) -> Problem:
    return conflict(advice(error.verb, error.state), {"jobId": error.job_id, "jobStatus": error.state})


def _store_failed(error: errors.StoreError) -> Problem:
    """Whatever it is: 503, with the seconds that the table of failures says, and a line in the log as often as that
    says. Where a job may be there all the same, its id."""
    _telling.failed(error)
    detail = _said_of(error)
    if len(error.job_ids) != 1:
        return unavailable(error.code, detail, error.retry_after)
    problem = unavailable(error.code, f"{detail} {MAY_BE_THERE}", error.retry_after)
    problem.members["jobId"] = error.job_ids[0]
    return problem


def _said_of(error: errors.StoreError) -> str:
    if isinstance(error, errors.StoreSpoilt):
        return f"The store is damaged: {error}. Another try will not help before an operator has mended it."
    return "Too few replicas have the job." if isinstance(error, errors.NotReplicated) else error.public


def _unreadable(error: errors.UnreadableRecord) -> Problem:
    detail = "What the store holds for this job cannot be decoded; it can only be deleted."
    return conflict(detail, {"jobId": error.job_id})


def _key_reused(error: IdempotencyKeyReused) -> Problem:
    return Problem(422, error.code, "The Idempotency-Key was used before, for another body.")


def _trail_unavailable(error: TrailUnavailable) -> Problem:
    detail = "The audit trail cannot be written now, so nothing was done."
    return unavailable(error.code, detail, error.retry_after)


def _database(error: Exception) -> Problem:
    logger.warning("the database did not answer: %s", error)
    return unavailable("database_unavailable", "The database cannot answer now.")


Make = Callable[[Any], Problem]
# The first class that fits counts: special ones come before the general ones.
_TABLE: Final[tuple[tuple[type[Exception], Make], ...]] = (
    (errors.PayloadTooLarge, lambda error: too_large(error.message)),
    (errors.InvalidJob, _invalid_job),
    (errors.DuplicateJob, _duplicate),
    (errors.JobNotFound, lambda error: not_found("There is no such job.")),
    (errors.WrongState, _wrong_state),
    (errors.UnreadableRecord, _unreadable),
    (errors.TooManyQueues, lambda error: invalid_field("options.queue", str(error))),
    (TooManyPausedTypes, lambda error: conflict(str(error))),
    (IdempotencyKeyReused, _key_reused),
    (TrailUnavailable, _trail_unavailable),
    (errors.WorkerSilent, lambda error: unavailable(error.code, str(error))),
    (errors.StoreError, _store_failed),
    (RequestDataTooBig, lambda error: too_large("The body is larger than this service takes.")),
    (UnreadablePostError, lambda error: Problem(400, "malformed_request", "The body did not arrive whole.")),
    (SuspiciousOperation, lambda error: Problem(400, "malformed_request", "The request is refused.")),
    (BadRequest, lambda error: Problem(400, "malformed_request", "The request is refused.")),
    (DatabaseError, _database),
    (InterfaceError, _database),
)


def problem_of(error: Exception) -> Problem:
    """The answer to whatever was raised. What no row knows is our fault: 500, logged, and nothing of it is shown."""
    if isinstance(error, Problem):
        return error
    for kind, make in _TABLE:
        if isinstance(error, kind):
            return make(error)
    logger.error("a request failed", exc_info=error)
    return Problem(500, "internal_error", "Something went wrong here. It has been logged.")
