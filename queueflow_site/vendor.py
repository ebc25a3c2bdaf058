"""Static files of others, as npm installs them: nothing of theirs is copied into the repository."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.checks import CheckMessage, Error
from django.core.files.storage import FileSystemStorage

PREFIX = "vendor"
FILES = {"uPlot.esm.js": "uplot/dist/uPlot.esm.js", "uPlot.min.css": "uplot/dist/uPlot.min.css"}


class VendorFinder(BaseFinder):
    """Finds `vendor/<name>` for the few files that pages load, and no other file of any package."""

    def __init__(self, app_names: Iterable[str] | None = None, *args: Any, **kwargs: Any) -> None:
        self._root = Path(settings.BASE_DIR, "node_modules")
        super().__init__(*args, **kwargs)

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """Say how to get what is missing."""
        missing = [path for path in FILES.values() if not (self._root / path).is_file()]
        if not missing:
            return []
        hint = "run `make setup`, or `npm ci` in the folder of manage.py"
        return [Error(f"node_modules/{missing[0]} is missing", hint=hint, id="queueflow.E010")]

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The absolute path of a static file of ours, or of each in a list; nothing for others."""
        name = path.replace("\\", "/").removeprefix(f"{PREFIX}/")
        found = self._root / FILES[name] if name != path and name in FILES else None
        if found is None or not found.is_file():
            return []
        return [str(found)] if find_all or kwargs.get("all") else str(found)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        """Each file with a storage that holds it under the prefix."""
        for name, path in FILES.items():
            if not matches_patterns(f"{PREFIX}/{name}", ignore_patterns or ()) and (self._root / path).is_file():
                storage = FileSystemStorage(location=(self._root / path).parent)
                storage.prefix = PREFIX  # type: ignore[attr-defined]  # collectstatic looks for it
                yield name, storage
