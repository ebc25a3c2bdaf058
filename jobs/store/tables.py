"""Hashes and lists as the server gives them. What cannot be read in one costs itself: it is left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

FOREIGN: Final = "\\x"  # before the hex digits of an id that is none
LONGEST_NUMBER: Final = 20  # of the server's own: a sign and 19 digits


def names(raw: Iterable[bytes]) -> list[str]:
    """The names that are UTF-8."""
    found = list(raw)
    try:
        return [each.decode() for each in found]
    except UnicodeDecodeError:
        return [each.decode() for each in found if _is_text(each)]


def table(pairs: Sequence[bytes]) -> dict[str, bytes]:
    """The values of a hash by name."""
    found = zip(pairs[::2], pairs[1::2], strict=True)
    try:
        return {name.decode(): value for name, value in found}
    except UnicodeDecodeError:
        found = zip(pairs[::2], pairs[1::2], strict=True)
        return {name.decode(): value for name, value in found if _is_text(name)}


def numbers(pairs: Sequence[bytes]) -> dict[str, int]:
    """The figures of a hash by name."""
    return {name: int(value) for name, value in table(pairs).items() if is_number(value)}


def is_number(value: bytes) -> bool:
    """Whether it is a whole number that the server can count with."""
    return len(value) <= LONGEST_NUMBER and value.removeprefix(b"-").isdigit()


def id_of(raw: bytes) -> str:
    """The id of a job in an index. What is not UTF-8 gets a name that no job has: its bytes in hex (see `raw_of`)."""
    try:
        job_id = raw.decode()
    except UnicodeDecodeError:
        return FOREIGN + raw.hex()
    return FOREIGN + raw.hex() if job_id.startswith(FOREIGN) else job_id


def raw_of(job_id: str) -> str | bytes:
    """What stands in the index for a name of `id_of`."""
    return bytes.fromhex(job_id.removeprefix(FOREIGN)) if is_foreign(job_id) else job_id


def is_foreign(job_id: str) -> bool:
    """Whether `id_of` gave this name to what no job can be called."""
    return job_id.startswith(FOREIGN)


def number(raw: bytes | None, otherwise: int = 0) -> int:
    """A figure that the server keeps by itself; `otherwise` where there is none, or something else."""
    return int(raw) if raw and is_number(raw) else otherwise


def milliseconds(time: Sequence[bytes]) -> int:
    """The instant that TIME answers, seconds and microseconds, in ms."""
    return int(time[0]) * 1000 + int(time[1]) // 1000


def _is_text(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
