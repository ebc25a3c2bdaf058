"""How Sphinx builds these pages: `make docs`. Warnings are errors, a link that leads nowhere among them."""

import tomllib
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]

project = "QueueFlow"
author = "QueueFlow contributors"
project_copyright = author
release = version = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

extensions = ["myst_parser", "sphinxcontrib.mermaid"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["screenshots"]
myst_heading_anchors = 4
myst_fence_as_directive = ["mermaid"]
nitpicky = True

html_theme = "furo"
html_title = f"QueueFlow {release}"
html_show_sphinx = False
html_copy_source = False
