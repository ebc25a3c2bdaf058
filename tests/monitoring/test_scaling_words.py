"""What a decision did, in a few words."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from monitoring.scaling_words import told


@pytest.mark.parametrize(
    ("action", "target", "dry_run", "words"),
    [
        ("scale_up", 5, False, "Grew from 2 to 5 workers"),
        ("scale_up", 5, True, "Would have grown from 2 to 5 workers"),
        ("scale_down", 1, False, "Shrank from 2 to 1 worker"),
        ("scale_down", 1, True, "Would have shrunk from 2 to 1 worker"),
        ("hold", 2, True, "Stays at 2 workers"),
    ],
)
def test_advice_that_was_not_carried_out_is_told_as_such(action, target, dry_run, words):
    made = SimpleNamespace(action=action, current=2, target=target, dry_run=dry_run)
    assert told(cast("Any", made)) == words
