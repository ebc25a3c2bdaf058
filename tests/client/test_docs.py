"""What docs/client.md shows runs as it stands there."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.client.service import Service
from tests.engine.pools import ROOT


def test_the_examples_in_the_documentation_run(
    service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QUEUEFLOW_URL", service.url)
    monkeypatch.setenv("QUEUEFLOW_KEY", service.key)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs/client.md").read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, "docs/client.md", "exec"), names)
    names["queueflow"].close()
    said = capsys.readouterr().out
    assert len(blocks) == 5
    for words in ("messageId", "2500 accepted", "PaymentDeclined: ", "Traceback", "invalid [{'field': 'payload'"):
        assert words in said
