"""The table of metrics in the docs is the one in the code."""

import re
from pathlib import Path

from jobs.store.metrics import LIMITS_MS
from monitoring.metric import METRICS

TEXT = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text()


def test_the_table_has_every_metric_as_it_is():
    rows = re.findall(r"^\| `(queueflow_\w+)` \| (\w+) \| (.+?) \| (.+?) \|$", TEXT, re.MULTILINE)
    assert rows == [
        (each.name, each.kind, ", ".join(f"`{label}`" for label in each.labels) or "–", each.help) for each in METRICS
    ]


def test_the_buckets_are_those_of_the_scripts():
    listed = re.search(r"in seconds: ([\d., \n]+)\.\n", TEXT)
    assert listed is not None
    assert [float(word) for word in listed[1].replace("\n", " ").split(", ")] == [limit / 1000 for limit in LIMITS_MS]
