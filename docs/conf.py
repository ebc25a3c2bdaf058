"""How Sphinx builds these pages: `make docs`. Warnings are errors, a link that leads nowhere among them."""

import sys
import tomllib
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(_ROOT))

from docs import diagrams  # noqa: E402 - Sphinx starts anywhere

project = "QueueFlow"
author = "QueueFlow contributors"
project_copyright = author
release = version = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

extensions = ["myst_parser", "docs.diagrams"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_static", "screenshots"]
myst_heading_anchors = 4
myst_fence_as_directive = ["mermaid"]
nitpicky = True

html_theme = "furo"
html_static_path = ["_static", str(diagrams.PROGRAM)]
html_css_files = ["pages.css"]
html_favicon = "../static/img/icon.svg"
html_title = f"QueueFlow {release}"
html_show_sphinx = False
html_copy_source = False
