"""`python -m docs.reference`: writes what the pages of the documentation have from code anew."""

from __future__ import annotations

import os
from pathlib import Path


def main() -> None:
    """Write what has changed."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "queueflow_site.settings")
    django.setup()
    from docs.reference import PAGES

    folder = Path(__file__).resolve().parents[1]
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


main()
