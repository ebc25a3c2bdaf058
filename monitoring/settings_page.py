"""What this installation runs with, for people: configuration without secrets, versions, and who one is in it."""

from __future__ import annotations

import platform
from dataclasses import fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import django
import msgspec

from jobs.access.principal import Principal
from jobs.conf import SECRET_NAMES, Config
from jobs.partitioning import Partitions
from jobs.proxies import TrustedProxies
from jobs.rights import SENTENCES, Right

from .settings_help import help_of

# Where things are is for those who look after the machines.
PLACES: Final = frozenset({"QUEUEFLOW_VAR_DIR", "TRUSTED_PROXIES"})
LONGEST: Final = 600


class Setting(msgspec.Struct, frozen=True):
    """One variable of the environment: its value as it is written there, and whether that is the default.

    `is_hidden`: only whether it is set is told. `help`: what it is for.
    """

    name: str
    value: str
    is_default: bool
    is_hidden: bool = False
    help: str = ""


def settings_of(config: Config, who: Principal) -> list[Setting]:
    """Every variable of the engine in the order of its groups. Of secrets, only whether they are set."""
    return [_setting(config, spec, who) for spec in fields(config)]


def _setting(config: Config, spec: Any, who: Principal) -> Setting:
    name, value = spec.metadata["env"], getattr(config, spec.name)
    is_default, told = value == spec.default, help_of().get(name, "")
    if isinstance(value, Partitions):
        return Setting(name, f"{value.count} servers" if value.urls else str(value.count), is_default, help=told)
    if name in SECRET_NAMES or (name in PLACES and not who.may(Right.ADMINISTER)):
        return Setting(name, "not set" if is_default else "set", is_default, is_hidden=True, help=told)
    return Setting(name, written(value)[:LONGEST], is_default, help=told)


def written(value: Any) -> str:
    """A value as the environment writes it; nothing for what is not set."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if isinstance(value, TrustedProxies):
        return ",".join([*map(str, value.networks), *(["unix"] if value.socket else [])])
    if value is None:
        return ""
    return str(value.resolve()) if isinstance(value, Path) else str(value)


def versions_of(config: Config, server: str) -> list[tuple[str, str]]:
    """(what, version) of the parts."""
    try:
        ours = version("queueflow")
    except PackageNotFoundError:
        ours = "from a checkout"
    found = [
        ("QueueFlow", ours),
        ("Release", config.release),
        ("Python", platform.python_version()),
        ("Django", django.get_version()),
        ("Store", server or "does not answer"),
    ]
    return [(what, which) for what, which in found if which]


def rights_of_person(who: Principal) -> list[tuple[str, str, bool]]:
    """(right, what it lets one do, whether it is held) of all rights."""
    return [(right.value, _deed(sentence), who.may(right)) for right, sentence in SENTENCES.items()]


def _deed(sentence: str) -> str:
    words = sentence.removeprefix("Can ")
    return words[:1].upper() + words[1:]
