"""Handlers that never end, each in a place of its own, for tests that ask where they are."""

from __future__ import annotations

import asyncio
import sys
import time
import types
from collections.abc import Generator
from typing import Any

from jobs import handler


@handler("digs")
def digs(payload: dict[str, Any]) -> None:
    """Calls itself, then never ends: in Python, in C, or by turns so that no two lines of its stack are alike."""
    if payload["depth"] > 1000:
        sys.setrecursionlimit(2 * payload["depth"] + 1000)
    _dig(payload["depth"], payload["how"])


def _dig(depth: int, how: str) -> None:
    if depth and how == "zigzag":
        _zag(depth, how)
    elif depth:
        _dig(depth - 1, how)
    elif how == "spin":
        _spin()
    while True:
        time.sleep(0.5)  # job body


def _zag(depth: int, how: str) -> None:
    _dig(depth - 1, how)


def _spin() -> None:
    number = 0
    while True:
        number += 1


@handler("awaits")
async def awaits(payload: dict[str, Any]) -> None:
    """Awaits a chain of coroutines, tasks, or blocks its loop now and then."""
    if payload["how"] == "chain":
        await _chain()
    elif payload["how"] == "tasks":
        await asyncio.gather(asyncio.create_task(_last(), name="first"), asyncio.create_task(_last(), name="second"))
    while True:
        _block()
        await asyncio.sleep(0)  # job body


async def _chain() -> None:
    await _generator()


@types.coroutine
def _generator() -> Generator[Any, None, None]:
    yield from _last()


async def _last() -> None:
    await asyncio.sleep(600)  # job body


def _block() -> None:
    time.sleep(2)  # job body
