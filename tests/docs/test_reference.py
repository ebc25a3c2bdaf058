"""The pages that are made from code are as the code makes them."""

from __future__ import annotations

import pytest

from docs.reference import PAGES
from tests.engine.pools import ROOT


@pytest.mark.parametrize("name", PAGES)
def test_a_page_made_from_code_is_as_it_would_be_made_now(name):
    made = PAGES[name]()
    assert (ROOT / "docs" / name).read_text() == made, "run make reference"
    assert made.count("\n| `") > 25
