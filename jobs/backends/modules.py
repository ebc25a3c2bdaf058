"""Imported by workers before they fork: loads `tasks` of every installed app, so that all share it.

That is where tasks are by convention. Others are loaded when the first of them runs. A module that cannot be imported
is logged: it may be for another task queue.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from jobs.logs import get_logger

MODULE: Final = "tasks"

_log = get_logger(__name__)


def load() -> None:
    """Import what can be imported."""
    for app in apps.get_app_configs():
        if not app.module or not module_has_submodule(app.module, MODULE):
            continue
        try:
            import_module(f"{app.name}.{MODULE}")
        except Exception as error:  # importing runs the user's code
            _log.warning("tasks cannot be loaded", module=f"{app.name}.{MODULE}", error=repr(error))


load()
