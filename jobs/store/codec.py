"""Bytes in the store to values and back. One decoder a kind, made once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from jobs.errors import UnreadableRecord
from jobs.types import Envelope, Execution, JobRecord

from . import tables

T = TypeVar("T")
pack = msgspec.msgpack.Encoder().encode
_record = msgspec.msgpack.Decoder(JobRecord, strict=False)
_envelope = msgspec.msgpack.Decoder(Envelope)
_execution = msgspec.json.Decoder(Execution)
_texts = msgspec.msgpack.Decoder(list[str])


def record(job_id: str, packed: bytes) -> JobRecord:
    """A job's record. Raises UnreadableRecord."""
    try:
        return _record.decode(packed)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UnreadableRecord(job_id, "record") from error


def readable_record(job_id: str, packed: bytes | None) -> JobRecord | None:
    """A job's record; None where there is none or it cannot be decoded."""
    try:
        return record(job_id, packed) if packed else None
    except UnreadableRecord:
        return None


def readable_records(packed: Sequence[bytes | None]) -> list[JobRecord | None]:
    """Like `readable_record`, for many."""
    return _all(_record, packed)


def readable_envelopes(packed: Sequence[bytes | None]) -> list[Envelope | None]:
    """Envelopes; None where there is none or it cannot be decoded."""
    return _all(_envelope, packed)


def envelope(job_id: str, packed: bytes | None) -> Envelope:
    """A job's envelope. Raises UnreadableRecord, also when there is none."""
    try:
        return _envelope.decode(packed or b"")
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UnreadableRecord(job_id, "payload") from error


def execution(done: Execution) -> str:
    """One execution as the history keeps it: text, so that Lua can append it unread."""
    return msgspec.json.encode(done).decode()


def history(job_id: str, packed: bytes | None) -> list[Execution]:
    """Past executions, oldest first; those that cannot be decoded are left out."""
    return [item for text in texts(packed) if (item := _one(text)) is not None]


def pause_mark(packed: bytes) -> tuple[int, int]:
    """Up to which position the jobs of a paused type may run (-1: none of them), and since when (ms) it is paused.

    A mark that cannot be read pauses all of them: (-1, 0).
    """
    parts = packed.split()
    if len(parts) != 2 or not all(map(tables.is_number, parts)):
        return -1, 0
    return int(parts[0]), int(parts[1])


def _all(decoder: msgspec.msgpack.Decoder[T], packed: Sequence[bytes | None]) -> list[T | None]:
    decode = decoder.decode
    try:
        return [decode(blob) if blob else None for blob in packed]
    except (msgspec.MsgspecError, UnicodeDecodeError):  # rare, so that looking for the bad one may take longer
        return [_tried(decoder, blob) if blob else None for blob in packed]


def _tried(decoder: msgspec.msgpack.Decoder[T], blob: bytes) -> T | None:
    try:
        return decoder.decode(blob)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _one(text: str) -> Execution | None:
    try:
        return _execution.decode(text)
    except msgspec.MsgspecError:
        return None


def texts(packed: bytes | None) -> list[str]:
    """The entries of an appended list (history, log); empty when there is none or it cannot be decoded."""
    if not packed:
        return []
    try:
        return _texts.decode(packed)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return []
