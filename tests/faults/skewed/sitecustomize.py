"""Python imports this at the start of a process on a skewed host: faketime breaks the system call of `time.sleep`."""

import select
import time
from typing import Any


def _sleep(seconds: Any) -> None:
    """As time.sleep."""
    select.select([], [], [], seconds)


time.sleep = _sleep
