"""Series that the documentation names are exported, and it names all that processes tell of themselves."""

from __future__ import annotations

import re

import pytest

from tests.docs.blocks import PAGES
from tests.engine.pools import ROOT

from .exported import of_processes

NAME = re.compile(r"\bqueueflow_(?!client\b|site\b)[a-z_]+\*?")
OF_CANDIDATES = {"queueflow_scaler_leads", "queueflow_scheduler_leads"}  # as their own tests know them
OF_HANDLERS = "queueflow_job_metric_"  # and the name that the handler gives


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_the_series_that_a_page_names_are_exported(exported, page):
    known = {*exported, *(name.removesuffix("_count") for name in exported), *OF_CANDIDATES}
    for name in NAME.findall(page.read_text(encoding="utf-8")):
        start = name.removesuffix("*")
        matched = {each for each in known if each.startswith(start)} if start != name else known & {name}
        assert matched or name.startswith(OF_HANDLERS), name


def test_the_page_of_metrics_names_all_that_processes_tell_of_themselves(exported):
    named = NAME.findall((ROOT / "docs/metrics.md").read_text(encoding="utf-8"))
    starts = tuple(name.removesuffix("*") for name in named if name.endswith("*"))
    ours = {name for name in of_processes() if name.startswith("queueflow_")} | OF_CANDIDATES
    assert {name for name in ours - {*named} if not name.startswith(starts)} == set()
    assert len(ours) > 10
