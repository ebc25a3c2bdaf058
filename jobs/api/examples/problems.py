"""One refusal a status."""

from __future__ import annotations

from typing import Any, Final

from jobs.advice import advice
from jobs.api.problems import MAY_BE_THERE, FieldError, Problem, invalid

from .jobs import JOB_ID


def _document(status: int, code: str, detail: str, **members: object) -> dict[str, Any]:
    return Problem(status, code, detail, members=members).document()


_INVALID: Final = invalid(
    [FieldError("options.delay", "Expected int >= 0"), FieldError("colour", "there is no such field")]
)

PROBLEMS: Final[dict[int, Any]] = {
    400: _document(400, "malformed_json", "The body is not JSON: Expecting value: line 1 column 10 (char 9)."),
    401: _document(401, "unauthorized", "This API key is not known, has expired or was revoked."),
    403: _document(403, "missing_scope", "This needs a key with the scope operate."),
    404: _document(404, "not_found", "There is no such job."),
    405: _document(405, "method_not_allowed", "PUT is not allowed here, only GET, POST."),
    409: _document(409, "conflict", advice("delete", "active"), jobId=JOB_ID, jobStatus="active"),
    413: _document(413, "payload_too_large", "The body has more than the 16,777,216 bytes that this service takes."),
    415: _document(415, "unsupported_media_type", "Send the body as application/json in UTF-8."),
    422: _INVALID.document() | {"errors": [{"field": each.field, "message": each.message} for each in _INVALID.fields]},
    429: _document(
        429,
        "rate_limited",
        "This key may send 500 requests a second, and 2,000 at once. Try again in 1 s.",
    ),
    503: _document(
        503,
        "store_unavailable",
        f"The store cannot answer now (timeout). {MAY_BE_THERE}",
        jobId=JOB_ID,
    ),
}
