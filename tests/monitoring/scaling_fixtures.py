"""A pool with a past, and what its pages say."""

from __future__ import annotations

import html
import re
from typing import Final

import pytest

from tests.scaling.live.crowd import crowd
from tests.scaling.recorder import Recorder

HERE: Final = "/scaling/default/"


@pytest.fixture
def recorder(api, kit) -> Recorder:
    """Give somebody who records decisions about the pool `default`, which has a worker."""
    crowd(kit, 1)
    kit.store.registry.set_desired("default", 1)
    return Recorder(kit)


def words(answer) -> str:
    """What a page says, without its marks and with single spaces."""
    text = re.sub(r"<script.*?</script>|<[^>]+>", " ", answer.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(text).split())


def part(client, name: str, query: str = "") -> str:
    """One part of the page as htmx gets it."""
    answer = client.get(f"{HERE}{query}", headers={"HX-Request": "true", "HX-Target": name})
    assert answer.status_code == 200
    return words(answer)
