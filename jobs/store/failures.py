"""The table that sorts every store failure into transient, configuration or bug, and so decides back-off and answers.

A row: how the server or the client words it, the kind in our words, the exception that callers see.
"""

from __future__ import annotations

import errno

import redis

from jobs.errors import StoreError, StoreMisconfigured, StoreSpoilt, StoreUnavailable

# Server replies by what they say. Transient ones pass by themselves; the others need a person. The client takes the
# first word off some of them: those are told by their class, or by a word of the rest.
_REPLIES: tuple[tuple[str, str, type[StoreError]], ...] = (
    ("LOADING", "loading", StoreUnavailable),
    ("BUSY", "busy", StoreUnavailable),
    ("CLUSTERDOWN", "cluster_down", StoreUnavailable),
    ("MASTERDOWN", "replica_stale", StoreUnavailable),
    ("TRYAGAIN", "resharding", StoreUnavailable),
    ("NOREPLICAS", "too_few_replicas", StoreUnavailable),
    ("READONLY", "read_only", StoreUnavailable),
    ("OOM", "out_of_memory", StoreUnavailable),
    ("MISCONF", "persistence_failed", StoreUnavailable),
    ("max number of clients", "too_many_clients", StoreUnavailable),
    ("NOAUTH", "no_auth", StoreMisconfigured),
    ("Authentication required", "no_auth", StoreMisconfigured),
    ("Protocol error: unauthenticated", "no_auth", StoreMisconfigured),  # Redis: more than ten arguments, or 16 KiB
    ("WRONGPASS", "wrong_password", StoreMisconfigured),
    ("NOPERM", "no_permission", StoreMisconfigured),
    ("WRONGTYPE", "wrong_type", StoreSpoilt),
    ("hash value is not", "wrong_value", StoreSpoilt),  # a counter in a hash that is no number
)
_CLASSES: tuple[tuple[type[Exception], str, type[StoreError]], ...] = (
    (redis.BusyLoadingError, "loading", StoreUnavailable),
    (redis.ReadOnlyError, "read_only", StoreUnavailable),
    (redis.exceptions.MasterDownError, "replica_stale", StoreUnavailable),
    (redis.exceptions.ClusterDownError, "cluster_down", StoreUnavailable),
    (redis.exceptions.TryAgainError, "resharding", StoreUnavailable),
    (redis.OutOfMemoryError, "out_of_memory", StoreUnavailable),
    (redis.MaxConnectionsError, "too_many_clients", StoreUnavailable),
    (redis.AuthenticationError, "wrong_password", StoreMisconfigured),
    (redis.exceptions.AuthorizationError, "no_permission", StoreMisconfigured),
    (redis.exceptions.NoPermissionError, "no_permission", StoreMisconfigured),
    (redis.TimeoutError, "timeout", StoreUnavailable),
    (TimeoutError, "timeout", StoreUnavailable),
    (redis.ConnectionError, "connection", StoreUnavailable),
    (OSError, "connection", StoreUnavailable),
)


def classify(error: Exception, doing: str = "") -> StoreError:
    """Our exception for what the client library raised. Never raises; what no row knows is a bug.

    `doing` says what was asked of the server: a command and its key, or a script.
    """
    message = str(error) or type(error).__name__
    if _out_of_files(error):
        return StoreUnavailable(message, "too_many_files")
    for words, kind, exception in _REPLIES:
        if words in message.split("\n", 1)[0][:80]:
            return _spoilt(doing, kind) if exception is StoreSpoilt else exception(message, kind)
    for known, kind, exception in _CLASSES:
        if isinstance(error, known):
            return exception(message, kind)
    return StoreError(message, "script" if isinstance(error, redis.ResponseError) else "bug")


def _spoilt(doing: str, kind: str) -> StoreSpoilt:
    what = "a number" if kind == "wrong_value" else "its kind of data"
    return StoreSpoilt(f"a key in the store does not hold {what}, met by {doing or 'a command'}", kind)


def _out_of_files(error: BaseException) -> bool:
    """True when a connection could not be made for want of file descriptors: no failure of the store."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in (errno.EMFILE, errno.ENFILE):
            return True
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return False
