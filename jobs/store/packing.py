"""Commands as they travel to a server, and as people are told of them."""

from __future__ import annotations

from collections.abc import Sequence

import hiredis

from jobs.errors import StoreError

Arg = str | bytes | int | float


def named(command: Sequence[Arg]) -> str:
    """A command and its key, as people are told of it."""
    return " ".join(part.decode(errors="replace") if isinstance(part, bytes) else str(part) for part in command[:2])


def packed_command(command: tuple[Arg, ...]) -> bytes:
    """A command as it travels. Raises StoreError for what cannot be written down; nothing was sent then."""
    try:
        packed: bytes = hiredis.pack_command(command)  # type: ignore[arg-type]  # its stub takes pairs only
    except (TypeError, ValueError) as error:
        raise StoreError(f"a command cannot be written down: {error}", "bug") from error
    return packed
