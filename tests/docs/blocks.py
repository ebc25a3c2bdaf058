"""The code blocks of the README and of the pages under docs/."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.engine.pools import ROOT

PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
PYTHON = "python"
SHELLS = ("sh", "shell", "bash")
CONSOLE = "console"
JAVASCRIPT = "js"
_FENCE = re.compile(r"^```(\S*)[ \t]*(.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_WORD = re.compile(r'([\w-]+)="([^"]*)"')


@dataclass(frozen=True)
class Block:
    """What stands between two fences. `words` are what its first line says besides the language: name="value"."""

    page: str
    line: int
    language: str
    words: dict[str, str]
    text: str

    @property
    def place(self) -> str:
        """Where it begins."""
        return f"{self.page}:{self.line}"

    @property
    def declares_handlers(self) -> bool:
        """Whether workers load it."""
        return self.language == PYTHON and "\n@handler(" in self.text and not self.of_a_project

    @property
    def of_a_project(self) -> bool:
        """Whether it belongs to a project of the reader's own, which tests/docs/own_project.py makes."""
        return "project" in self.words


def _blocks() -> list[Block]:
    found = []
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        for fence in _FENCE.finditer(text):
            line = text.count("\n", 0, fence.start()) + 1
            found.append(Block(path.name, line, fence[1], dict(_WORD.findall(fence[2])), fence[3]))
    return found


BLOCKS = _blocks()


def of_page(page: str) -> list[Block]:
    """The blocks of a page that run in the checkout, in their order."""
    languages = {PYTHON, CONSOLE, JAVASCRIPT, *SHELLS}
    return [each for each in BLOCKS if each.page == page and each.language in languages and not each.of_a_project]


RUN = sorted({block.page for block in BLOCKS if of_page(block.page)})
