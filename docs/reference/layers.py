"""The diagram of the layers in docs/architecture.md, from the contracts that import-linter enforces."""

from __future__ import annotations

import re
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs/architecture.md"
_BLOCK: Final = re.compile(r"(?<=## Layers\n\n)```mermaid\n.*?```\n", re.DOTALL)


def page() -> str:
    """The page of the architecture with the diagram as the contracts have it."""
    text, count = _BLOCK.subn(lambda _: f"```mermaid\n{diagram()}```\n", PAGE.read_text(encoding="utf-8"))
    assert count == 1, "the page has lost its section Layers"  # noqa: S101 - about a file, not about input
    return text


def diagram() -> str:
    """A flow chart: an arrow from each layer to the next below it, the engine's own inside `jobs`."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    apps, engine = [each for each in config["tool"]["importlinter"]["contracts"] if each["type"] == "layers"]
    beside = [layer.replace(" | ", " & ") for layer in apps["layers"]]  # an arrow from and to each of them
    lines = [f"    {above} --> {below}" for above, below in pairwise(beside)]
    lines.append("    subgraph jobs")
    layers = [layer.replace("(", "").replace(")", "").replace(" : ", ", ") for layer in engine["layers"]]
    lines += [f'        layer{at}["{layer}"]' for at, layer in enumerate(layers)]
    lines += [f"        layer{at} --> layer{at + 1}" for at in range(len(layers) - 1)]
    return "\n".join(["flowchart TB", *lines, "    end"]) + "\n"
