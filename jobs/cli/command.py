"""The root of commands with verbs: `manage.py jobs list`, `manage.py dlq retry`, …"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from jobs.errors import QueueFlowError
from jobs.store.store import Store, get_store

from .errors import Exit, as_command_error
from .screen import Screen

Options = dict[str, Any]
Verb = Callable[[Options], int | None]


class StoreCommand(BaseCommand):
    """A command that works on the store. It ends with a code of `Exit`, and with one sentence where it is refused.

    A subclass adds its verbs in `add_verbs`; each is a method that takes the options and returns an exit code.
    """

    requires_system_checks = ()  # they would load the web's URLs; the configuration is checked all the same
    screen: Screen

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if os.environ.get("NO_COLOR"):
            kwargs["no_color"] = True
        super().__init__(*args, **kwargs)

    def add_verbs(self) -> None:
        """Declare the verbs by calling `verb`."""
        raise NotImplementedError

    def add_arguments(self, parser: CommandParser) -> None:
        """One subcommand a verb."""
        self._verbs = parser.add_subparsers(metavar="VERB", required=True, dest="verb")
        self.add_verbs()

    def verb(self, name: str, act: Verb) -> argparse.ArgumentParser:
        """Declare a verb; the first line of the method's docstring is its help. Returns its parser, for arguments."""
        text = (act.__doc__ or "").partition("\n")[0]
        parser: argparse.ArgumentParser = self._verbs.add_parser(name, help=text, description=text)
        add_common(parser)
        parser.set_defaults(act=act)
        return parser

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what the verb says. Raises CommandError with a sentence, SystemExit."""
        act: Verb = options["act"]
        self.screen = Screen(self.stdout, self.stderr, no_color=options["no_color"], force=options["force_color"])
        code = guarded(self.screen, lambda: act(options))
        if code:
            sys.exit(code)

    @property
    def store(self) -> Store:
        """The store of this installation."""
        return get_store()


def add_common(parser: argparse.ArgumentParser) -> None:
    """The options of every verb, besides Django's own, which go before it."""
    parser.add_argument("--json", action="store_true", help="write JSON in the words of the REST interface")
    parser.add_argument("--no-color", action="store_true", default=argparse.SUPPRESS, help="no colours on a terminal")


def guarded(screen: Screen, act: Callable[[], int | None]) -> int:
    """Run a command's work. Returns its exit code, also for Ctrl-C and for a reader that has gone away.

    Raises CommandError for what the engine refuses.
    """
    try:
        code = act() or Exit.DONE
        sys.stdout.flush()
        return code
    except QueueFlowError as error:
        screen.clear()
        raise as_command_error(error) from error
    except BrokenPipeError:
        # What is left in the buffer would be written, and fail again, when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.BROKEN_PIPE
    except KeyboardInterrupt:
        screen.wipe()
        return Exit.INTERRUPTED
