"""Tables of simulations in a document, made anew by the commands that stand above them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from scaling.simulator import table
from scaling.simulator.comparison import Comparison

COMMAND: Final = "manage.py simulate_scaling "
BLOCK: Final = re.compile(
    rf"(?P<block>```\n(?P<commands>(?:{re.escape(COMMAND)}[^\n]*\n)+)```\n\n)(?P<rows>(?:\|[^\n]*\n)+)"
)


def renewed(text: str, run: Callable[[Sequence[str]], Comparison]) -> str:
    """The text with each table made anew by `run`, which is given the arguments of a command.

    A block of code with one command has its whole table below. One with several has a row for each: the last strategy.
    """

    def made(match: re.Match[str]) -> str:
        commands = [line.removeprefix(COMMAND) for line in match["commands"].splitlines()]
        rows = _whole(commands[0], run) if len(commands) == 1 else _short(commands, run)
        return match["block"] + "".join(f"{row}\n" for row in rows)

    return BLOCK.sub(made, text)


def _whole(command: str, run: Callable[[Sequence[str]], Comparison]) -> Iterator[str]:
    return table.lines(run(shlex.split(command)))


def _short(commands: Sequence[str], run: Callable[[Sequence[str]], Comparison]) -> Iterator[str]:
    yield from table.head(table.SHORT)
    for command in commands:
        yield table.short(command.rpartition("/")[2], run(shlex.split(command)).rows[-1])
