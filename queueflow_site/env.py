"""Reads the environment for settings: .env beside manage.py, secrets from files, and the secret key of a checkout."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import environ

from jobs.conf import ConfigProblem, with_secret_files

KEY_BYTES = 50


def read_environment(base_dir: Path) -> tuple[environ.Env, tuple[ConfigProblem, ...]]:
    """Return the environment with ``.env`` and secret files merged in, and the files that could not be read.

    A variable that is set wins over ``.env``.
    """
    dotenv = base_dir / ".env"
    if dotenv.is_file():
        environ.Env.read_env(dotenv, overwrite=False)
    merged, problems = with_secret_files(os.environ)
    env = environ.Env()
    env.ENVIRON = merged
    return env, problems


def flag(env: environ.Env, name: str) -> tuple[bool, tuple[ConfigProblem, ...]]:
    """Return a yes-or-no variable, false when unset; anything but a yes or a no is a problem, and counts as false."""
    text = env.str(name, default="").strip().lower()
    if text in {"", "0", "false", "no", "off"}:
        return False, ()
    if text in {"1", "true", "yes", "on"}:
        return True, ()
    return False, (ConfigProblem(name, text, "give true or false"),)


def kept_secret_key(path: Path) -> str:
    """Return the secret key in ``path``, making it on first use (readable by its owner only).

    Safe when several processes start at once: the first one to link the file into place wins.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(KEY_BYTES), encoding="utf-8")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="utf-8").strip()
