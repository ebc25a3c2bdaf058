"""Histograms of durations that can be added up: lane k counts values above 1.19^(k-1) and up to 1.19^k ms.

A histogram at rest is b"" when it is empty, else one byte, the lowest lane that counts something, and 4 bytes
(little-endian) a lane up to the highest one. In hand it is one large integer of 32 bits a lane, so that adding two is
one addition: a week of buckets is merged in a millisecond or two, without a loop over lanes.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from math import ceil
from typing import Final

RATIO: Final = 1.19  # as in lua/lib/histogram.lua
LANES: Final = 118  # the last one takes everything above 1.19^116 ms, which is six and a half days
LANE_BITS: Final = 32
LANE_MAX: Final = 2**LANE_BITS - 1

# What a lane stands for (ms): 2·ab/(a + b) of its borders a and b, which errs by at most (RATIO - 1)/(RATIO + 1), that
# is 8.7 %, in either direction. Lane 0 holds 0 and 1 ms.
VALUES: Final = (1.0, *(2 * RATIO**lane / (RATIO + 1) for lane in range(1, LANES)))


def packed(counts: Mapping[int, int]) -> bytes:
    """A histogram at rest from counts by lane."""
    total = 0
    for lane, count in counts.items():
        total += min(max(count, 0), LANE_MAX) << LANE_BITS * min(max(lane, 0), LANES - 1)
    return at_rest(total)


def total_of(parts: Iterable[bytes]) -> int:
    """Histograms at rest added up, in hand. A lane holds 4 thousand million values: years of the busiest queue."""
    return sum(int.from_bytes(part[1:], "little") << LANE_BITS * part[0] for part in parts if part)


def at_rest(total: int) -> bytes:
    """The histogram in hand as it is stored."""
    if not total:
        return b""
    low = ((total & -total).bit_length() - 1) // LANE_BITS
    lanes = total >> LANE_BITS * low
    return bytes((low,)) + lanes.to_bytes(-(-lanes.bit_length() // LANE_BITS) * LANE_BITS // 8, "little")


def quantiles(total: int, shares: Sequence[float]) -> list[float] | None:
    """The durations (ms, to 0.1) below which these shares of the values lie, by nearest rank; None of nothing."""
    if not total:
        return None
    sums = list(accumulate(_counts(total)))
    lanes = (bisect_left(sums, max(1, ceil(share * sums[-1]))) for share in shares)
    return [round(VALUES[min(lane, LANES - 1)], 1) for lane in lanes]


def share_within(total: int, milliseconds: float) -> float | None:
    """The share of the values that are at most so long, as good as the lanes tell; None of nothing."""
    if not total:
        return None
    counts = _counts(total)
    within = sum(count for lane, count in enumerate(counts) if VALUES[min(lane, LANES - 1)] <= milliseconds)
    return within / sum(counts)


def count_of(total: int) -> int:
    """How many values a histogram in hand has counted."""
    return sum(_counts(total))


def _counts(total: int) -> Sequence[int]:
    size = -(-total.bit_length() // LANE_BITS)
    counts: Sequence[int] = struct.unpack(f"<{size}I", total.to_bytes(size * LANE_BITS // 8, "little"))
    return counts
