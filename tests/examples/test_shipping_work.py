"""Prices of parcels."""

import asyncio

import pytest

from examples.work.shipping import ask_carrier


@pytest.mark.parametrize(
    ("service", "grams", "cents"),
    [("standard", 1, 510), ("standard", 1000, 510), ("standard", 1001, 630), ("express", 2500, 1820)],
)
def test_each_kilogram_that_is_begun_costs(service: str, grams: int, cents: int) -> None:
    assert asyncio.run(ask_carrier(service, grams, 0)) == cents


def test_a_service_that_the_carrier_does_not_have_is_refused() -> None:
    with pytest.raises(KeyError):
        asyncio.run(ask_carrier("overnight", 500, 0))
