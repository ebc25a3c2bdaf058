"""`python -m docs.reference`: writes docs/api.md and docs/environment.md anew."""

from __future__ import annotations

import os
from pathlib import Path


def main() -> None:
    """Write what has changed."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "queueflow_site.settings")
    django.setup()
    from docs.reference import api, environment

    folder = Path(__file__).resolve().parents[1]
    for name, page in (("api.md", api.page()), ("environment.md", environment.page())):
        (folder / name).write_text(page, encoding="utf-8")


main()
