"""Diagrams: a fenced block named mermaid is drawn by the reader's browser, with what npm installed.

The pages need no other site for it, nor a server: they can be opened as files.
"""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any, ClassVar, Final

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

PROGRAM: Final = Path(__file__).resolve().parents[1] / "node_modules/@mermaid-js/tiny/dist/mermaid.tiny.js"


class Diagram(SphinxDirective):
    """The text of a diagram, for `_static/diagrams.js` to draw."""

    has_content: ClassVar[bool] = True

    def run(self) -> list[nodes.Node]:
        """What stands on the page: the text, until it is drawn."""
        text = html.escape("\n".join(self.content))
        return [nodes.raw("", f'<pre class="mermaid">{text}</pre>', format="html", diagram=True)]


def add_scripts(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: nodes.document | None) -> None:
    """To the pages that have a diagram."""
    if tree is not None and any(node.get("diagram") for node in tree.findall(nodes.raw)):
        app.add_js_file(PROGRAM.name, loading_method="defer")
        app.add_js_file("diagrams.js", loading_method="defer")


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_directive("mermaid", Diagram)
    app.connect("html-page-context", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
