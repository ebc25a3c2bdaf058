"""Where the examples put what they make."""

from pathlib import Path

from jobs.conf import get_config


def output(*parts: str) -> Path:
    """A path below ``examples`` in the folder of everything a running installation writes; nothing is created."""
    return get_config().var_dir.joinpath("examples", *parts)
