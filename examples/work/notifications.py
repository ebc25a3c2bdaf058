"""Tell a person something over several channels at once; some of them fail."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from examples.work import mail
from examples.work.traces import DATA

SMS_MAX_CHARACTERS = 160
SMS_COUNTRY_CODE = "+1"


class UnknownUser(LookupError):
    """Nobody has this user id."""


class ChannelError(Exception):
    """One channel did not take the message."""


class NotificationFailed(Exception):
    """No channel took the message."""


@dataclass(frozen=True, slots=True)
class User:
    """Where a person can be reached, and over which channels they want to be."""

    user_id: str
    email: str
    phone: str
    device_token: str
    enabled: Sequence[str]


Channel = Callable[[User, str], Awaitable[None]]


def find_user(user_id: str) -> User:
    """The user from ``data/users.json``. Raises UnknownUser."""
    for record in json.loads((DATA / "users.json").read_text(encoding="utf-8")):
        if record["user_id"] == user_id:
            return User(**record)
    raise UnknownUser(f"there is no user {user_id!r}")


def channels_into(directory: Path, message_key: str) -> dict[str, Channel]:
    """The three channels; each delivers into files under ``directory``."""
    return {
        "email": partial(_send_email, directory / "mail", message_key),
        "push": partial(_send_push, directory / "push.jsonl"),
        "sms": partial(_send_sms, directory / "sms.jsonl"),
    }


async def notify(user: User, message: str, wanted: Sequence[str], channels: Mapping[str, Channel]) -> dict[str, object]:
    """Send over every wanted channel that the user has enabled, all at the same time.

    Returns ``{channels: how many were asked for, sent: [names], skipped: [names], failed: {name: reason}}``; a channel
    that fails does not stop the others. Raises NotificationFailed when every channel tried has failed: nothing went
    out, so that trying again tells nobody twice.
    """
    tried = [name for name in dict.fromkeys(wanted) if name in user.enabled]
    outcomes = await asyncio.gather(*(channels[name](user, message) for name in tried), return_exceptions=True)
    failed: dict[str, str] = {}
    for name, outcome in zip(tried, outcomes, strict=True):
        if isinstance(outcome, Exception):
            failed[name] = str(outcome)
        elif isinstance(outcome, BaseException):
            raise outcome
    if failed and len(failed) == len(tried):
        reasons = "; ".join(f"{name}: {reason}" for name, reason in failed.items())
        raise NotificationFailed(f"no channel reached {user.user_id}: {reasons}")
    return {
        "channels": len(wanted),
        "sent": [name for name in tried if name not in failed],
        "skipped": [name for name in dict.fromkeys(wanted) if name not in tried],
        "failed": failed,
    }


async def _send_email(directory: Path, message_key: str, user: User, message: str) -> None:
    await asyncio.to_thread(mail.deliver, directory, message_key, user.email, "A message for you", message)


async def _send_push(outbox: Path, user: User, message: str) -> None:
    if user.device_token.startswith("gone-"):
        raise ChannelError(f"device token {user.device_token} is no longer registered")
    await asyncio.to_thread(_append, outbox, {"token": user.device_token, "message": message})


async def _send_sms(outbox: Path, user: User, message: str) -> None:
    if not user.phone.startswith(SMS_COUNTRY_CODE):
        raise ChannelError(f"the gateway serves {SMS_COUNTRY_CODE} numbers only, not {user.phone}")
    if len(message) > SMS_MAX_CHARACTERS:
        raise ChannelError(f"{len(message)} characters do not fit into a message of {SMS_MAX_CHARACTERS}")
    await asyncio.to_thread(_append, outbox, {"phone": user.phone, "message": message})


def _append(outbox: Path, record: Mapping[str, str]) -> None:
    outbox.parent.mkdir(parents=True, exist_ok=True)
    # One unbuffered write in append mode: lines of several workers do not mix.
    with outbox.open("ab", buffering=0) as file:
        file.write(json.dumps(record).encode() + b"\n")
