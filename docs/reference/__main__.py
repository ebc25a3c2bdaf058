"""`python -m docs.reference`: writes docs/api.md, docs/environment.md and a diagram of docs/architecture.md anew."""

from __future__ import annotations

import os
from pathlib import Path


def main() -> None:
    """Write what has changed."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "queueflow_site.settings")
    django.setup()
    from docs.reference import api, environment, layers

    folder = Path(__file__).resolve().parents[1]
    for name, module in (("api.md", api), ("environment.md", environment), ("architecture.md", layers)):
        (folder / name).write_text(module.page(), encoding="utf-8")


main()
