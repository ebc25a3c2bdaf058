"""One way through every endpoint: access, query, body, the work on a store thread, the answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Any, Final

from django.http import QueryDict
from msgspec.structs import replace

from jobs.access.principal import Principal
from jobs.errors import StoreError
from jobs.ids import checked_id
from jobs.inspection.wire import Merged
from jobs.rights import Right, scopes_with
from jobs.store.partitions.rest import of_the_rest
from jobs.store.store import Store

from .asked import Asked
from .bears import Bears
from .call import Call, NoBody, read_body
from .gateway import Lane, get_gateway
from .limiter import bears, get_limiter
from .problems import Problem, forbidden, problem_of, too_large
from .query import Nothing, read_query
from .reply import Answer, Reply, reply_of

Work = Callable[..., Any]
Rights = tuple[Right, ...]
_NAMES: Final = re.compile(r"{(?:path:)?(\w+)}")


class Endpoint:
    """What stands at one method and path, and what it takes to use it.

    `work` is a function of a `Call` (and of the names in the path) that runs on a store thread and returns what the
    answer carries: a value for the first status of `answers`, or an `Answer`. `rights`: one of them is needed. `bears`:
    where it is called with an absent store while the store is away. One that returns a `Merged` is called again, with
    the other partitions, where one is away.
    """

    def __init__(
        self,
        method: str,
        path: str,
        rights: Rights,
        work: Work,
        *,
        answers: Mapping[int, Any],
        body: Any = None,
        query: Any = None,
        bears: Bears = Bears.NOWHERE,
    ) -> None:
        self.method = method
        self.path = path
        self.rights = rights
        self.work = work
        self.status, kind = next(iter(answers.items()))
        self.body = body or NoBody
        self.query = query or Nothing
        self.bears = bears
        self.merges = isinstance(kind, type) and issubclass(kind, Merged)

    @cached_property
    def lane(self) -> Lane:
        """Enqueues have threads of their own: looking and changing may wait for workers and for the database."""
        return Lane.ENQUEUE if self.rights == (Right.ENQUEUE,) else Lane.OTHER

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names in the path; one with `path:` before it may contain slashes."""
        return tuple(_NAMES.findall(self.path))

    def path_of(self, names: Mapping[str, str]) -> str:
        """The path below the API's root with these names in it."""
        return _NAMES.sub(lambda match: names[match[1]], self.path)

    async def serve(self, asked: Asked, names: Mapping[str, str]) -> Reply:
        """The answer to a request; a refusal is an answer too."""

        def run(store: Store) -> Reply:
            answer, limits = self._do(store, asked, names)
            return reply_of(answer, self.status, limits)

        try:
            return await get_gateway().run(run, self.lane, bears=self.bears)
        except Exception as error:
            return problem_of(error).reply()

    async def answer(self, asked: Asked, names: Mapping[str, str]) -> Any:
        """What the work returns, as it is, for callers in this process. Raises Problem for every refusal."""
        try:
            answer, _ = await get_gateway().run(
                lambda store: self._do(store, asked, names), self.lane, bears=self.bears
            )
        except Exception as error:
            raise problem_of(error) from error
        return answer.value if isinstance(answer, Answer) else answer

    def _do(self, store: Store, asked: Asked, names: Mapping[str, str]) -> tuple[Any, dict[str, str]]:
        """What the work returns, and the headers that tell of limits. Raises Problem and what the store raises."""
        store, limits = self._limits(store, asked, names)
        try:
            body, query = self._read(store, asked, names)
            work = partial(self._worked, asked, body, query, names)
            return (of_the_rest(work) if self.merges else work)(store), limits
        except Exception as error:
            problem = problem_of(error)
            problem.headers = {**limits, **problem.headers}
            raise problem from error

    def _worked(self, asked: Asked, body: Any, query: Any, names: Mapping[str, str], store: Store) -> Any:
        answer = self.work(Call(asked, store, body, query), **names)
        return replace(answer, partitions_away=list(store.left_out)) if store.left_out else answer

    def _limits(self, store: Store, asked: Asked, names: Mapping[str, str]) -> tuple[Store, dict[str, str]]:
        """Take a token, also for what is refused then. Without a store, what is wrong is refused as such.

        The store to go on with is one without the server of the limits where that has just failed and it can be borne.
        """
        try:
            return store, get_limiter().take(store, asked.principal)
        except StoreError as error:
            self._read(store, asked, names)
            if not bears(store, error, self.bears):
                raise
            rest = store.without(error)
        return rest, get_limiter().take(rest, asked.principal)

    def _read(self, store: Store, asked: Asked, names: Mapping[str, str]) -> tuple[Any, Any]:
        """Body and query of one who may do this. Raises Problem."""
        must_have(asked.principal, *self.rights)
        _check_names(names)
        most = store.config.max_body_bytes
        if len(asked.body) > most:
            raise too_large(f"The body has more than the {most:,} bytes that this service takes.")
        query = read_query(self.query, asked.query)
        return read_body(self.body, asked), query


def must_have(principal: Principal, *rights: Right) -> None:
    """Raise Problem 403 unless one of the rights is held."""
    if any(map(principal.may, rights)):
        return
    if principal.is_key:
        is_edit = Right.EDIT_PAYLOAD in rights
        scopes = "scopes operate and payloads" if is_edit else f"scope {scopes_with(rights[0])[0]}"
        raise forbidden(f"This needs a key with the {scopes}.", "missing_scope")
    raise forbidden(f"You lack the right {' or '.join(rights)}: an administrator can grant it.", "missing_right")


def _check_names(names: Mapping[str, str]) -> None:
    """Answer 404 for an id that no job can have; store keys are made of nothing else."""
    if "job_id" in names:
        try:
            checked_id(names["job_id"])
        except Exception as error:
            raise Problem(404, "not_found", "There is no such job.") from error


NO_QUERY = QueryDict()
