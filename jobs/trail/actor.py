"""Who does something, from where."""

from __future__ import annotations

import getpass
import os
from typing import Any

import msgspec


class Actor(msgspec.Struct, frozen=True):
    """Who acts. `id` is stable (`key:7`, `user:3`, `shell:root`), `name` is for people, `address` the client's."""

    id: str
    name: str
    address: str = ""


def person(user: Any, address: str = "") -> Actor:
    """A logged-in user as one who acts."""
    return Actor(f"user:{user.pk}", user.get_username(), address)


def shell() -> Actor:
    """Whoever runs this command, by the name that the operating system knows."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number without a name
        name = str(os.getuid())
    return Actor(f"shell:{name}", name)
