"""One way through every endpoint: access, query, body, the work on a store thread, the answer.

An endpoint is a function of a `Call` (and of the names in its path) that runs on a store thread and returns what the
answer carries: a value for the first status of `answers`, or an `Answer`.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Generic, TypeVar, cast

import msgspec
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router

from jobs.conf import Config
from jobs.ids import checked_id
from jobs.scopes import Scope
from jobs.store.store import Store

from .access import Principal, forbidden
from .gateway import get_gateway
from .openapi import describe
from .problems import Problem, problem_of, too_large
from .query import Nothing, read_query
from .reading import read

B = TypeVar("B")
Q = TypeVar("Q")

MAX_IDEMPOTENCY_KEY: Final = 128
_ROUTES: Final[list[tuple[str, str, Scope]]] = []


class NoBody(msgspec.Struct, frozen=True):
    """The body of an endpoint that takes none: nothing, or an empty object."""


class Call(Generic[B, Q]):
    """One request, read and allowed. `body` and `query` are the Structs that the endpoint declared."""

    def __init__(self, request: HttpRequest, store: Store, body: B, query: Q) -> None:
        self.request = request
        self.store = store
        self.body = body
        self.query = query

    @property
    def principal(self) -> Principal:
        """Who asks."""
        return cast(Principal, self.request.auth)  # type: ignore[attr-defined]  # ninja sets it

    @property
    def config(self) -> Config:
        """The configuration."""
        return self.store.config

    @property
    def raw_body(self) -> bytes:
        """The body as it came."""
        return self.request.body

    @property
    def idempotency_key(self) -> str:
        """The Idempotency-Key, "" without. Raises Problem 422 for one that is too long or not plain text."""
        key = self.request.headers.get("Idempotency-Key", "")
        if len(key) > MAX_IDEMPOTENCY_KEY or not (key.isascii() and key.isprintable()):
            detail = f"Idempotency-Key: give 1 to {MAX_IDEMPOTENCY_KEY} printable ASCII characters"
            raise Problem(422, "invalid", detail)
        return key


class Answer:
    """An answer with another status than the first one declared, or with headers."""

    def __init__(self, value: Any, status: int | None = None, headers: Mapping[str, str] | None = None) -> None:
        self.value = value
        self.status = status
        self.headers = dict(headers or {})


Work = Callable[..., Any]


def routes() -> list[tuple[str, str, Scope]]:
    """(method, path, scope) of every endpoint declared so far."""
    return list(_ROUTES)


def endpoint(
    router: Router,
    method: str,
    path: str,
    scope: Scope,
    *,
    answers: Mapping[int, Any],
    body: type[msgspec.Struct] | None = None,
    query: type[msgspec.Struct] | None = None,
    problems: Iterable[int] = (),
) -> Callable[[Work], Work]:
    """Mount a function as an endpoint. `problems` are the refusals besides those that every endpoint has."""

    def mount(work: Work) -> Work:
        names = re.findall(r"{(\w+)}", path)
        view = _view(work, scope, body or NoBody, query or Nothing, next(iter(answers)))
        arguments = [inspect.Parameter("request", inspect.Parameter.POSITIONAL_ONLY)]
        arguments += [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=str) for name in names]
        view.__signature__ = inspect.Signature(arguments)  # type: ignore[attr-defined]
        view.__name__, view.__doc__, view.__module__ = work.__name__, work.__doc__, work.__module__
        summary, _, description = (work.__doc__ or "").strip().partition("\n")
        codes = (*problems, *((404,) if names else ()))
        router.add_api_operation(
            path,
            [method],
            view,
            operation_id=work.__name__,
            response=dict.fromkeys(answers),
            summary=summary.rstrip("."),
            description=inspect.cleandoc(description) or None,
            openapi_extra=describe(body, query, answers, codes),
        )
        _ROUTES.append((method, path, scope))
        return work

    return mount


def _view(work: Work, scope: Scope, body: type[Any], query: type[Any], status: int) -> Callable[..., Any]:
    async def view(request: HttpRequest, /, **names: str) -> HttpResponseBase:
        try:
            principal: Principal = request.auth  # type: ignore[attr-defined]
            if not principal.may(scope):
                raise forbidden(f"This needs the scope {scope}.", "missing_scope")
            asked = read_query(query, request.GET)
            _check_names(names)
            _check_size(request)

            def run(store: Store) -> Any:
                return work(Call(request, store, read_body(body, request), asked), **names)

            answer = await get_gateway().run(run)
        except Exception as error:
            return problem_of(error).response()
        return render(answer, status)

    return view


def render(answer: Any, status: int) -> HttpResponse:
    """The response that carries an endpoint's answer: strict JSON, opaque parts byte for byte."""
    if not isinstance(answer, Answer):
        answer = Answer(answer)
    content = b"" if answer.value is None else msgspec.json.encode(answer.value)
    made = HttpResponse(content, status=answer.status or status, headers=answer.headers)
    if answer.value is None:
        del made["Content-Type"]
    else:
        made["Content-Type"] = "application/json"
    made["Cache-Control"] = "no-store"
    return made


def read_body(kind: type[Any], request: HttpRequest) -> Any:
    """The body as `kind`. Raises Problem 400, 413, 415, 422."""
    body = request.body
    if not body and not any(field.required for field in msgspec.structs.fields(kind)):
        return kind()
    media, _, rest = request.headers.get("Content-Type", "").partition(";")
    charset = rest.strip().lower().replace('"', "").replace(" ", "")
    if media.strip().lower() != "application/json" or charset not in {"", "charset=utf-8"}:
        raise Problem(415, "unsupported_media_type", "Send the body as application/json in UTF-8.")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Problem(415, "unsupported_media_type", "Send the body without a Content-Encoding.")
    return read(kind, body)


def _check_size(request: HttpRequest) -> None:
    """Refuse a body by what it says of itself, before any of it is read."""
    most = get_gateway().config.max_body_bytes
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length[:19]) > most:
        raise too_large(f"The body has more than the {most:,} bytes that this service takes.")


def _check_names(names: Mapping[str, str]) -> None:
    """Answer 404 for an id that no job can have; store keys are made of nothing else."""
    if "job_id" in names:
        try:
            checked_id(names["job_id"])
        except Exception as error:
            raise Problem(404, "not_found", "There is no such job.") from error
