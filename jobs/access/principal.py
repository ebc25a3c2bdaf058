"""Who asks, the same for a service with a key and a person with a session."""

from __future__ import annotations

import time
from typing import Any

import msgspec

from jobs.rights import Right

Rate = tuple[int, int]


class Principal(msgspec.Struct, frozen=True):
    """Who asks and what they may.

    `id` is stable (`key:7`, `user:3`), `name` is for people, `expires` a time.time() or 0 for never. `rate` is a key's
    (burst, requests a second); people have none.
    """

    id: str
    name: str
    rights: frozenset[Right]
    expires: float = 0.0
    rate: Rate | None = None

    def may(self, right: Right) -> bool:
        """True when the right is held. To edit a payload one has to see it."""
        if right is Right.EDIT_PAYLOAD and Right.SEE_PAYLOADS not in self.rights:
            return False
        return right in self.rights

    @property
    def is_key(self) -> bool:
        """True for a service with a key, false for a person."""
        return self.id.startswith("key:")

    @property
    def is_expired(self) -> bool:
        """True when the credential has come to its end."""
        return 0 < self.expires <= time.time()


def rights_of_user(user: Any) -> frozenset[Right]:
    """What a logged-in user may, by the permissions of their own and of their groups. Asks the database once a user."""
    if not user.is_active:
        return frozenset()
    if user.is_superuser:
        return frozenset(Right)
    held = user.get_all_permissions()
    return frozenset(right for right in Right if f"jobs.{right}" in held)


def person(user: Any) -> Principal:
    """A logged-in user as one who asks. Asks the database: not for an event loop."""
    return Principal(f"user:{user.pk}", user.get_username(), rights_of_user(user))
