"""Pieces that several payloads are made of."""

from typing import Annotated

from msgspec import Meta

Name = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")]
"""Something a file or a row may be named after: letters, digits, ``_`` and ``-``, up to 64 of them."""

Cents = Annotated[int, Meta(ge=0, le=10**12)]
"""Money, in hundredths."""
