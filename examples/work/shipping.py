"""What it costs to send a parcel: a carrier's service that takes its time to answer."""

import asyncio
from typing import Final

CENTS_A_KILOGRAM: Final = {"standard": 120, "express": 310}
BASE_CENTS: Final = {"standard": 390, "express": 890}


async def ask_carrier(service: str, grams: int, seconds: float) -> int:
    """The price in cents, after the seconds that the carrier needs. Raises KeyError for a service it does not have."""
    base, a_kilogram = BASE_CENTS[service], CENTS_A_KILOGRAM[service]
    await asyncio.sleep(seconds)
    return base + -(-grams // 1000) * a_kilogram
