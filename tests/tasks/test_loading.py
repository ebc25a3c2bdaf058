"""Modules of tasks that workers load before they fork."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from django.test import modify_settings

from jobs.backends.declaring import COMPANION
from jobs.backends.modules import load
from jobs.handlers.registry import registry


def test_a_module_that_cannot_be_imported_is_logged_and_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name, source in (("broken_tasks_app", "import nowhere_to_be_found"), ("sound_tasks_app", "")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
        (tmp_path / name / "tasks.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    with modify_settings(INSTALLED_APPS={"append": ["broken_tasks_app", "sound_tasks_app"]}):
        load()
    assert "broken_tasks_app.tasks" in caplog.text
    assert "nowhere_to_be_found" in caplog.text
    assert "sound_tasks_app.tasks" in sys.modules
    for name in ("sound_tasks_app.tasks", "sound_tasks_app", "broken_tasks_app"):
        sys.modules.pop(name)


def test_the_handlers_say_what_workers_load_with_them() -> None:
    handlers = [registry.get(name) for name in ("django-task", "django-task-async")]
    assert [handler and handler.companion for handler in handlers] == [COMPANION] * 2
