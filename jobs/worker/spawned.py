"""Where a child starts that is a new program instead of a fork: it loads everything itself."""

from __future__ import annotations

import socket
import sys

import django
import msgspec

from .child import leave, run_maintenance, run_worker, settle_in
from .link import Link
from .options import PoolOptions
from .table import Table


def main() -> None:
    """Be what the command line says: a role, the options as JSON, a detail, descriptors."""
    leave(_body)


def _body() -> int:
    settle_in()
    role, text, detail, *descriptors = sys.argv[1:]
    options = msgspec.json.decode(text, type=PoolOptions)
    django.setup()
    link = Link(socket.socket(fileno=int(descriptors[-1])))
    if role == "maintenance":
        return run_maintenance(options, link)
    from jobs.handlers.discovery import discover

    discover(options.handler_modules)
    return run_worker(options, Table(int(descriptors[0]), int(detail)), link)
