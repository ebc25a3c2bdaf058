"""`python -m tests.docs PAGE`: what the commands of a page write here, to renew what it shows of them."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import tests.settings  # noqa: F401 - nothing of this machine's environment
from tests.cli.terminal import Terminal
from tests.docs.blocks import CONSOLE, of_page
from tests.docs.running import Documented
from tests.docs.shell import BASH, typed_in


def main(page: str) -> None:
    """Run its console blocks and write what a person would see."""
    with tempfile.TemporaryDirectory() as folder, Documented(Path(folder)) as documented:
        documented.prepare()
        for block in (each for each in of_page(page) if each.language == CONSOLE):
            for typed in typed_in(documented.as_here(block.text)):
                with Terminal(documented.environment(), typed.command, program=BASH) as terminal:
                    terminal.press(typed.answers)
                    code = terminal.end()
                print(f"$ {typed.command}", *terminal.lines, f"(exit code {code})", sep="\n")


if __name__ == "__main__":
    main(sys.argv[1])
