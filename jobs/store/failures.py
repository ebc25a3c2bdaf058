"""The table that sorts every store failure: by it go exceptions, back-off, log, the API's answer and the breaker.

A row: the kind in our words; how the server words it; the classes of the client library; the exception that callers
see, and so the family (transient, configuration, bug) with the longest wait between two tries and between two lines in
the log; what the breaker makes of it; seconds after which the API, whose answer is 503 whatever the kind, asks to come
again; whether another server is the right one, whether the outbox takes a job that met it, and whether what was asked
for may have been done. docs/reliability.md shows the table.
"""

from __future__ import annotations

import errno
import ssl
from collections.abc import Iterator
from enum import Enum
from typing import Final

import msgspec
import redis

from jobs.errors import StoreError, StoreMisconfigured, StoreSpoilt, StoreUnavailable


class Effect(Enum):
    """What a failure does to the breaker of the store."""

    COUNTS = "counts"  # the server did not answer, or serves nobody: so many in a row open it
    OPENS = "opens"  # nobody will be answered before an operator has changed something
    NONE = "none"  # the server answered: it may serve other requests


class Failure(msgspec.Struct, frozen=True):
    """A row of the table. `elsewhere`: the connection is dropped, so that the next one looks for the right server.
    `ours`: a bound of this process, which says nothing of the store: the outbox does not take its place. `unsure`: no
    answer came, or none that says that nothing was done.

    What passes by itself is tried again every two seconds at the least, and told every 30 s. Where somebody has to act
    it is every five seconds, and every five minutes.
    """

    kind: str
    words: tuple[str, ...]
    classes: tuple[type[Exception], ...]
    exception: type[StoreError]
    effect: Effect
    retry_after: float = 1.0
    elsewhere: bool = False
    ours: bool = False
    unsure: bool = False

    @property
    def longest_wait(self) -> float:
        """Seconds between two tries of those who go on trying."""
        return 2.0 if self.exception.transient else 5.0

    @property
    def say_every(self) -> float:
        """Seconds between two lines in the log of one who goes on trying."""
        return 30.0 if self.exception.transient else 300.0


OTHER_PARTITIONS: Final = "other_partitions"  # what one of several servers says of them holds for all
TOO_MANY_FILES: Final = "too_many_files"
UNTRUSTED: Final = "untrusted"
_Away, _Refused = StoreUnavailable, StoreMisconfigured
_COUNTS, _OPENS, _NONE = Effect
# Server replies are told by how they begin: the client takes the first word off some of them, and those are told by
# their class, or by how the rest begins. The order counts.
TABLE: Final[tuple[Failure, ...]] = (
    Failure("loading", ("LOADING",), (redis.BusyLoadingError,), _Away, _COUNTS, 2),
    Failure("busy", ("BUSY",), (), _Away, _COUNTS),
    Failure("replica_stale", ("MASTERDOWN",), (redis.exceptions.MasterDownError,), _Away, _COUNTS, 2, elsewhere=True),
    Failure(
        "cluster_down", ("CLUSTERDOWN",), (redis.exceptions.ClusterDownError,), _Away, _COUNTS, 2, elsewhere=True
    ),
    Failure("moved", (), (redis.exceptions.MovedError,), _Away, _NONE, elsewhere=True),
    Failure(
        "resharding", ("TRYAGAIN",), (redis.exceptions.TryAgainError, redis.exceptions.AskError), _Away, _NONE
    ),
    Failure("demoted", ("UNBLOCKED",), (), _Away, _NONE, elsewhere=True),
    Failure("too_few_replicas", ("NOREPLICAS",), (), _Away, _NONE, 2),
    Failure("read_only", ("READONLY",), (redis.ReadOnlyError,), _Away, _NONE, 2, elsewhere=True),
    Failure("out_of_memory", ("OOM",), (redis.OutOfMemoryError,), _Away, _NONE, 5),
    Failure("persistence_failed", ("MISCONF",), (), _Away, _NONE, 5),
    Failure("too_many_clients", ("max number of clients",), (redis.MaxConnectionsError,), _Away, _COUNTS),
    Failure(
        "no_auth",
        # The last: Redis says so to more than ten arguments, or 16 KiB, of one who has not logged in.
        ("NOAUTH", "Authentication required", "Protocol error: unauthenticated"),
        (), _Refused, _OPENS, 30,
    ),
    Failure("wrong_password", ("WRONGPASS",), (redis.AuthenticationError,), _Refused, _OPENS, 30),
    Failure(
        "no_permission",
        ("NOPERM",),
        (redis.exceptions.AuthorizationError, redis.exceptions.NoPermissionError),
        _Refused, _NONE, 30,
    ),
    Failure("protected", ("DENIED",), (), _Refused, _OPENS, 30),  # nobody from another host is let in
    Failure(
        "no_database",
        ("DB index is out of range", "invalid DB index", "SELECT is not allowed in cluster mode"),
        (), _Refused, _OPENS, 30,
    ),
    Failure("no_protocol", ("NOPROTO",), (), _Refused, _OPENS, 30),
    Failure("no_command", ("unknown command", "Unknown Redis command"), (), _Refused, _NONE, 30),  # of which a script
    Failure("no_cluster", ("This instance has cluster support disabled",), (), _Refused, _OPENS, 30),
    Failure("cluster", (), (redis.exceptions.ClusterCrossSlotError,), _Refused, _OPENS, 30),
    Failure(UNTRUSTED, (), (), _Refused, _OPENS, 30),
    Failure("no_redis", (), (redis.InvalidResponse,), _Refused, _COUNTS, 30, unsure=True),
    Failure("wrong_type", ("WRONGTYPE",), (), StoreSpoilt, _NONE, 30),
    Failure("wrong_value", ("hash value is not",), (), StoreSpoilt, _NONE, 30),  # a counter in a hash that is no number
    Failure("timeout", (), (redis.TimeoutError, TimeoutError), _Away, _COUNTS, unsure=True),
    Failure("connection", (), (redis.ConnectionError, OSError), _Away, _COUNTS, unsure=True),
    # What is never read off an error of the library:
    Failure("breaker_open", (), (), _Away, _NONE),
    Failure(OTHER_PARTITIONS, (), (), _Refused, _NONE, 30),
    Failure("pool", (), (), _Away, _NONE, ours=True),
    Failure(TOO_MANY_FILES, (), (), _Away, _NONE, ours=True),
    # What is in no row above: an answer that nobody knows, which may be a proxy's, and what is no answer at all.
    Failure("script", (), (redis.ResponseError,), StoreError, _NONE, 30, unsure=True),
    Failure("bug", (), (), StoreError, _NONE, 30, unsure=True),
)  # fmt: skip
_BY_KIND: Final = {row.kind: row for row in TABLE}
_NO_FILES: Final = (errno.EMFILE, errno.ENFILE)  # no descriptor was left for a connection: no failure of the store
_DISTRUST: Final = ("CERTIFICATE", "UNKNOWN_CA", "WRONG_VERSION_NUMBER", "PROTOCOL_VERSION", "HANDSHAKE_FAILURE")


def classify(error: Exception, doing: str = "") -> StoreError:
    """Our exception for what the client library raised. Never raises; what no row knows is a bug.

    `doing` says what was asked of the server: a command and its key, or a script.
    """
    message = str(error) or type(error).__name__
    if isinstance(error, redis.exceptions.AskError):  # what it says is two numbers and a name
        message = f"slot {error.slot_id} of the cluster belongs to {error.host}:{error.port}"
    row = _row(error, message)
    made = _spoilt(doing, row.kind) if row.exception is StoreSpoilt else row.exception(message, row.kind)
    return _as_in(row, made)


def other_partitions(message: str) -> StoreError:
    """The failure of a store that is spread otherwise."""
    return _as_in(_BY_KIND[OTHER_PARTITIONS], StoreMisconfigured(message, OTHER_PARTITIONS))


def effect_of(error: StoreError) -> Effect:
    """What a failure does to the breaker."""
    row = _BY_KIND.get(error.kind)
    return row.effect if row else Effect.NONE


def leads_elsewhere(error: StoreError) -> bool:
    """Whether another server is the right one."""
    row = _BY_KIND.get(error.kind)
    return row is not None and row.elsewhere


def is_ours(error: StoreError) -> bool:
    """Whether it is a bound of this process that was met, of which the store knows nothing."""
    row = _BY_KIND.get(error.kind)
    return row is not None and row.ours


def _as_in(row: Failure, made: StoreError) -> StoreError:
    made.retry_after, made.longest_wait, made.say_every = row.retry_after, row.longest_wait, row.say_every
    made.may_be_done = row.unsure
    return made


def _row(error: Exception, message: str) -> Failure:
    causes = list(_causes(error))
    if any(isinstance(cause, OSError) and cause.errno in _NO_FILES for cause in causes):
        return _BY_KIND[TOO_MANY_FILES]
    if any(map(_is_distrust, causes)):
        return _BY_KIND[UNTRUSTED]
    told = [message, str(error.__cause__)] if isinstance(error.__cause__, redis.RedisError) else [message]
    for row in TABLE:
        if any(_begins(said.removeprefix("ERR "), words) for said in told for words in row.words):
            return row
    for row in TABLE:
        if isinstance(error, row.classes):
            return row
    return _BY_KIND["bug"]


def _begins(said: str, words: str) -> bool:
    """Whether a reply begins with these words, and not with a longer one."""
    return said.startswith(words) and not said[len(words) : len(words) + 1].isalnum()


def _spoilt(doing: str, kind: str) -> StoreSpoilt:
    what = "a number" if kind == "wrong_value" else "its kind of data"
    return StoreSpoilt(f"a key in the store does not hold {what}, met by {doing or 'a command'}", kind)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and those that it came of."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)


def _is_distrust(cause: BaseException) -> bool:
    """Whether TLS failed as one side does not trust the other, or does not speak it: no weather either."""
    if isinstance(cause, ssl.SSLCertVerificationError):
        return True
    return isinstance(cause, ssl.SSLError) and any(word in (cause.reason or "") for word in _DISTRUST)
