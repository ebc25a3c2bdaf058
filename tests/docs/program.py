"""Runs the Python blocks of one page, one after the other, with the names of those before.

`python -m tests.docs.program PAGE`. A page that takes names for granted gets them from
`tests/docs/given/PAGE.py`, whose `between` is called with the number of blocks that have run, and the names.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import django


def main(page: str) -> None:
    """Run them all. Raises what a block raises."""
    django.setup()
    from tests.docs.blocks import PYTHON, of_page
    from tests.docs.handlers import module_of

    given = f"tests.docs.given.{page.removesuffix('.md').replace('-', '_').lower()}"
    program = sys.modules["documented"] = ModuleType("documented")
    names: dict[str, Any] = program.__dict__
    between = None
    if find_spec(given):
        module = import_module(given)
        between = getattr(module, "between", None)
        names |= {name: value for name, value in vars(module).items() if not name.startswith("_")}
    for number, block in enumerate((each for each in of_page(page) if each.language == PYTHON), 1):
        if block.declares_handlers:
            names |= {name: value for name, value in vars(module_of(block)).items() if not name.startswith("__")}
        else:
            exec(compile("\n" * block.line + block.text, block.page, "exec"), names)
        if between is not None:
            between(number, names)


if __name__ == "__main__":
    main(sys.argv[1])
