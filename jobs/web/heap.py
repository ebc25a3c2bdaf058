"""Takes what lives as long as the process out of the garbage collector's sight.

A full collection walks every object, and those of Django, its admin and its templates are most of them: some 80 ms, in
which nobody is answered. What is frozen is not walked again.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any, Final

WARM_SECONDS: Final = (0, 30, 300)  # the first requests load templates, addresses and schemas


def settle(call_later: Callable[[float, Callable[[], None]], Any]) -> None:
    """Freeze what there is now, and what the first requests will have loaded. `call_later(seconds, call)`."""
    for seconds in WARM_SECONDS:
        call_later(seconds, freeze)


def freeze() -> None:
    """Freeze what is alive; what nobody refers to any more is let go first."""
    gc.collect()
    gc.freeze()
