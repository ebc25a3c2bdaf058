"""Fingerprints are shown to everybody, and tell nothing that is masked."""

import pytest

from jobs.fingerprint import failure_of

LINES = ["login with password={} refused", '{{"token": "{}"}} is stale', "Authorization: Bearer {}"]


@pytest.mark.parametrize("line", LINES)
def test_a_fingerprint_does_not_tell_a_secret(line):
    prints = {failure_of(ValueError(line.format(word))).fingerprint for word in ("swordfish", "letmein")}
    assert len(prints) == 1
