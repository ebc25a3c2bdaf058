"""The handlers that the documentation shows, each block a module of its own. Workers of the tests load them."""

from __future__ import annotations

import sys
from types import ModuleType

from tests.docs.blocks import BLOCKS, Block


def module_of(block: Block) -> ModuleType:
    """The module that a block with handlers has become."""
    name = f"{__name__}_{block.page.removesuffix('.md').replace('-', '_').lower()}_{block.line}"
    if name not in sys.modules:
        module = sys.modules[name] = ModuleType(name)
        exec(compile("\n" * block.line + block.text, block.page, "exec"), module.__dict__)
    return sys.modules[name]


for _block in BLOCKS:
    if _block.declares_handlers:
        module_of(_block)
