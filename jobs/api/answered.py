"""How often requests on the short way were answered, by method and status, since this process started."""

from __future__ import annotations

from collections import Counter
from typing import Final

ANSWERED: Final[Counter[tuple[str, int]]] = Counter()  # written on the event loop only
