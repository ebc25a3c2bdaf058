"""Finds handlers: imports `handlers` of every installed app and the modules that the configuration lists."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from importlib import import_module

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from jobs.conf import get_config
from jobs.errors import ConfigError
from jobs.logs import get_logger

from .registry import Registry, registry

MODULE = "handlers"
# They have modules of this name that are about something else.
NOT_OURS = ("jobs.", "django.")

logger = get_logger(__name__)


def discover(modules: Iterable[str] = ()) -> Registry:
    """Import everything that may declare handlers and return the registry. Needs Django's apps; harmless if repeated.

    Raises ConfigError with the module at fault and the reason.
    """
    for path in (*_app_modules(), *modules):
        _load(path)
    for path in sorted({handler.companion for handler in registry if handler.companion}):
        _load(path)
    return registry


def known_handlers() -> Registry:
    """Return the handlers of this process, looked for once.

    A module that cannot be imported is logged, not raised: whoever enqueues can do without it. Processes that run
    jobs call `discover`, which is strict.
    """
    if not _search.done:
        _search.run()
    return registry


class _Search:
    """Looks for handlers once."""

    def __init__(self) -> None:
        self.done = False
        self._lock = threading.RLock()  # it can be taken twice: a handler module may enqueue while it is imported

    def run(self) -> None:
        with self._lock:
            if self.done:
                return
            for path in (*_app_modules(), *get_config().handler_modules):
                try:
                    _load(path)
                except ConfigError as error:
                    logger.exception("some handlers are not known here", reason=str(error))
            self.done = True


_search = _Search()


def _load(path: str) -> None:
    try:
        import_module(path)
    except ConfigError:
        raise
    except Exception as error:  # importing runs the user's code
        raise ConfigError(f"handlers cannot be loaded from {path}: {type(error).__name__}: {error}") from error


def _app_modules() -> list[str]:
    return [
        f"{app.name}.{MODULE}"
        for app in apps.get_app_configs()
        if not f"{app.name}.".startswith(NOT_OURS) and app.module and module_has_submodule(app.module, MODULE)
    ]
