"""The pages that are made from code are as the code makes them."""

from __future__ import annotations

import pytest

from docs.reference import api, environment, layers
from tests.engine.pools import ROOT

PAGES = [("api.md", api), ("environment.md", environment), ("architecture.md", layers)]


@pytest.mark.parametrize(("name", "module"), PAGES)
def test_a_page_made_from_code_is_as_it_would_be_made_now(name, module):
    made = module.page()
    assert (ROOT / "docs" / name).read_text() == made, "run make reference"
    assert made.count("\n| `") > 25
