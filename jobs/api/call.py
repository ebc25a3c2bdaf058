"""One request in an endpoint's hands: read, allowed, with a store to work on."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Final, Generic, TypeVar

import msgspec

from jobs import trail
from jobs.access.principal import Principal
from jobs.access.redacting import redactor_for
from jobs.conf import Config
from jobs.dead_letter import DeadLetterQueue
from jobs.inspector import Inspector
from jobs.redaction import Redactor
from jobs.store.store import Store

from .asked import Asked
from .problems import Problem
from .reading import read

B = TypeVar("B")
Q = TypeVar("Q")

MAX_IDEMPOTENCY_KEY: Final = 128


class NoBody(msgspec.Struct, frozen=True):
    """The body of an endpoint that takes none: nothing, or an empty object."""


class Call(Generic[B, Q]):
    """One request, read and allowed. `body` and `query` are the Structs that the endpoint declared."""

    def __init__(self, asked: Asked, store: Store, body: B, query: Q) -> None:
        self.asked = asked
        self.store = store
        self.body = body
        self.query = query

    @property
    def principal(self) -> Principal:
        """Who asks."""
        return self.asked.principal

    @property
    def config(self) -> Config:
        """The configuration."""
        return self.store.config

    @property
    def redactor(self) -> Redactor | None:
        """What hides fields from the one who asks; None for one who may see everything."""
        return redactor_for(self.principal, self.config)

    @property
    def inspector(self) -> Inspector:
        """Looks into the store with the eyes of the one who asks."""
        return Inspector(self.store, self.redactor)

    @property
    def dead_letters(self) -> DeadLetterQueue:
        """The dead-letter queue, seen with the eyes of the one who asks."""
        return DeadLetterQueue(self.store, self.redactor)

    @property
    def idempotency_key(self) -> str:
        """The Idempotency-Key, "" without. Raises Problem 422 for one that is too long or not plain text."""
        key = self.asked.headers.get("idempotency-key", "")
        if len(key) > MAX_IDEMPOTENCY_KEY or not (key.isascii() and key.isprintable()):
            detail = f"Idempotency-Key: give 1 to {MAX_IDEMPOTENCY_KEY} printable ASCII characters"
            raise Problem(422, "invalid", detail)
        return key

    def recorded(
        self,
        action: trail.Action,
        target: str = "",
        *,
        reason: str = "",
        detail: Mapping[str, Any] | None = None,
        operation_id: str = "",
    ) -> AbstractContextManager[trail.Entry]:
        """Put what the block does into the audit trail, before it is done. Raises TrailUnavailable."""
        who = self.principal
        actor = trail.Actor(who.id, who.name, self.asked.address)
        return trail.entry(
            actor=actor, action=action, target=target, reason=reason, detail=detail, operation_id=operation_id
        )


def read_body(kind: type[Any], asked: Asked) -> Any:
    """The body as `kind`. Raises Problem 400, 413, 415, 422."""
    body = asked.body
    if not body and not any(field.required for field in msgspec.structs.fields(kind)):
        return kind()
    media, _, rest = asked.headers.get("content-type", "").partition(";")
    charset = rest.strip().lower().replace('"', "").replace(" ", "")
    if media.strip().lower() != "application/json" or charset not in {"", "charset=utf-8"}:
        raise Problem(415, "unsupported_media_type", "Send the body as application/json in UTF-8.")
    if asked.headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem(415, "unsupported_media_type", "Send the body without a Content-Encoding.")
    return read(kind, body)
