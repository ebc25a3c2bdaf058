"""How refusals are described: a response a status, with the codes that it may carry and the headers it comes with."""

from __future__ import annotations

from typing import Annotated, Any, Final, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from jobs.api.answers import Refused
from jobs.api.problems import MEDIA_TYPE, FieldError
from jobs.inspection.wire import JobStatus, about

from .headers import header, limits
from .schemas import REF

RESPONSE: Final = "#/components/responses/{name}"


class ProblemDocument(msgspec.Struct, rename="camel"):
    """What every refusal looks like (RFC 9457)."""

    status: Annotated[int, msgspec.Meta(ge=400, le=599), about("The status of the answer")]
    title: Annotated[str, about("What the status means")]
    detail: Annotated[str, about("What is wrong, in a sentence for people; its words may change")]
    code: Annotated[str, about("What is wrong, in a word for programs; each status has a closed list of them")]
    errors: Annotated[list[FieldError] | UnsetType, about("What is wrong field by field; with `invalid`")] = UNSET
    job_id: Annotated[
        str | UnsetType,
        about("The job that is in the way, or in the wrong state; with 503, the id under which the job may be there"),
    ] = UNSET
    job_status: Annotated[JobStatus | UnsetType, about("The state that forbids it")] = UNSET
    version: Annotated[
        int | UnsetType, about("The version that there is now, where an older one was to be changed")
    ] = UNSET
    refused: Annotated[
        list[Refused] | UnsetType, about("Of a bulk enqueue that is 503 as a whole, the jobs that may be there")
    ] = UNSET


class Refusal(NamedTuple):
    """One status: its response's name, what it means, the codes that it may carry, its headers."""

    name: str
    meaning: str
    codes: tuple[str, ...]
    headers: tuple[str, ...] = ()


REFUSALS: Final = {
    400: Refusal("BadRequest", "The request or its body is malformed.", ("malformed_json", "malformed_request")),
    401: Refusal("Unauthorized", "There is no credential, or it is wrong.", ("unauthorized",), ("WWW-Authenticate",)),
    403: Refusal(
        "Forbidden",
        "The key lacks the scope, the person the right, or the CSRF token is missing.",
        ("missing_scope", "missing_right", "csrf_failed"),
    ),
    404: Refusal("NotFound", "There is no such thing.", ("not_found",)),
    405: Refusal("MethodNotAllowed", "The method is not allowed here.", ("method_not_allowed",), ("Allow",)),
    409: Refusal(
        "Conflict",
        "The state of the thing forbids it. Of a duplicate, `jobId` is the job that is in the way; where a job's state "
        "is at fault, `jobStatus` says which; where somebody else was faster, `version` may say the newest one.",
        ("conflict", "duplicate_job"),
    ),
    413: Refusal("ContentTooLarge", "The body or the payload is too large.", ("payload_too_large",)),
    415: Refusal("UnsupportedMediaType", "The body is not application/json in UTF-8.", ("unsupported_media_type",)),
    422: Refusal(
        "UnprocessableContent",
        "The request is understood and cannot be accepted. With `invalid`, each wrong field is named.",
        ("invalid", "unknown_job_type", "idempotency_key_reused"),
    ),
    429: Refusal(
        "TooManyRequests",
        "The key has spent its tokens, too many wrong keys came from the address, or too many searches or simulations "
        "run.",
        ("rate_limited",),
        ("Retry-After",),
    ),
    503: Refusal(
        "ServiceUnavailable",
        "The store, the database, the audit trail or a worker cannot answer now; with `store_error` the store is "
        "damaged, or gives answers that nobody understands, and an operator has to mend it. With these two codes of "
        "the store, what was asked for may have been done all the same: an Idempotency-Key makes it safe to repeat an "
        "enqueue or the start of an operation. Without one, an enqueue may be repeated with the `jobId` that the "
        "refusal names, of a bulk enqueue with that of each of `refused`; where it names none, no job was made. With "
        "the other codes nothing was done.",
        ("store_unavailable", "store_error", "database_unavailable", "audit_unavailable", "worker_silent"),
        ("Retry-After",),
    ),
}


def refused(status: int) -> dict[str, Any]:
    """The response of an operation for a status."""
    return {"$ref": RESPONSE.format(name=REFUSALS[status].name)}


def responses(examples: dict[int, Any]) -> dict[str, Any]:
    """The responses that operations refer to, by name. `examples`: a document for each status."""
    return {refusal.name: _response(status, refusal, examples[status]) for status, refusal in REFUSALS.items()}


def _response(status: int, refusal: Refusal, example: Any) -> dict[str, Any]:
    schema = {
        "$ref": REF.format(name="ProblemDocument"),
        "properties": {"status": {"const": status}, "code": {"enum": list(refusal.codes)}},
    }
    made: dict[str, Any] = {
        "description": refusal.meaning,
        "content": {MEDIA_TYPE: {"schema": schema, "example": example}},
    }
    named = {name: header(name, required=True) for name in refusal.headers}
    if status == 429:  # an address has no such figures
        named = limits() | named
    return made | {"headers": named} if named else made
