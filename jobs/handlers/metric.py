"""What handlers may measure: the rules of names, labels and values."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

from jobs.fingerprint import clean_text
from jobs.store.measures import COUNTS, series_of

MOST_LABELS: Final = 5
LABEL_BYTES: Final = 64
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_LABEL: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_MEANT_OTHERWISE: Final = ("_bucket", "_count", "_sum", "_created", "_info")  # by those who read metrics
_TAKEN: Final = frozenset({"job_type", "le", "quantile"})


def checked_metric(name: Any, value: Any, labels: Mapping[str, object]) -> tuple[str, float]:
    """The series of a metric and its value. Raises ValueError with a sentence that says what is wrong."""
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name.endswith(_MEANT_OTHERWISE):
        raise ValueError(
            f"a metric's name is 1 to 64 of a-z, 0-9 and _, from a letter on, and ends in none of "
            f"{', '.join(_MEANT_OTHERWISE)}: not {str(name)[:80]!r}"
        )
    if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
        raise ValueError(f"the value of metric {name} is a finite number, not {str(value)[:80]}")
    if name.endswith(COUNTS) and value < 0:
        raise ValueError(f"metric {name} counts and cannot go down: {value}")
    if len(labels) > MOST_LABELS:
        raise ValueError(f"metric {name} has {len(labels)} labels: {MOST_LABELS} are the most")
    wrong = [str(label)[:40] for label in labels if not _is_label(label)]
    if wrong:
        raise ValueError(f"metric {name}: a label is 1 to 32 of a-z, 0-9 and _ and not job_type, not {wrong[0]!r}")
    return series_of(name, {label: clean_text(str(labels[label]), LABEL_BYTES) for label in labels}), float(value)


def _is_label(label: object) -> bool:
    return isinstance(label, str) and bool(_LABEL.fullmatch(label)) and label not in _TAKEN


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False
