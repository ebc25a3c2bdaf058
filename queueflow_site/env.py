"""Reads the environment for settings: .env beside manage.py, secrets from files, and the secret key of a checkout."""

from __future__ import annotations

import os
import re
import secrets
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ

from jobs.conf import ConfigProblem, with_secret_files

KEY_BYTES = 50
ORIGIN = re.compile(r"https?://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
SQLITE = "django.db.backends.sqlite3"
POSTGRESQL = "django.db.backends.postgresql"
DATABASE_OPTIONS: dict[str, dict[str, Any]] = {
    SQLITE: {
        "timeout": 20,  # seconds; writers queue up instead of failing with "database is locked"
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    },
    POSTGRESQL: {"pool": True},
}


def read_environment(base_dir: Path) -> tuple[environ.Env, tuple[ConfigProblem, ...]]:
    """Return the environment with `.env` and secret files merged in, and the files that could not be read.

    A variable that is set wins over `.env`. QUEUEFLOW_ENV_FILE names another file than that.
    """
    dotenv = Path(os.environ.get("QUEUEFLOW_ENV_FILE") or base_dir / ".env")
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


def origins(env: environ.Env, name: str, *, subdomains: bool = False) -> tuple[list[str], tuple[ConfigProblem, ...]]:
    """Return the origins of a list, and those that are none. `subdomains` allows https://*.example.com too."""
    given = [text.strip() for text in env.str(name, default="").split(",") if text.strip()]
    hint = "give exact origins like https://app.example.com:8443, without a path, separated by commas"
    wrong = [text for text in given if not _is_origin(text.replace("://*.", "://", 1) if subdomains else text)]
    problems = (ConfigProblem(name, ",".join(wrong)[:200], hint),) if wrong else ()
    return [text for text in given if text not in wrong], problems


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        known = parts.scheme in {"http", "https"} and parts.port != 0
    except ValueError:
        return False
    return known and bool(ORIGIN.fullmatch(text))


def kept_secret_key(path: Path) -> str:
    """Return the secret key in `path`, making it on first use (readable by its owner only).

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


def database(env: environ.Env, var_dir: Path) -> tuple[dict[str, Any], tuple[ConfigProblem, ...]]:
    """Return Django's settings for the database of DATABASE_URL, and why it was refused.

    Unset or refused: SQLite in `var_dir`, which is made if it is missing.
    """
    url = env.str("DATABASE_URL", default="").strip()
    parsed: dict[str, Any] = env.db_url_config(url) if "://" in url else {}
    engine = parsed.get("ENGINE", "")
    hint = ""
    if url and engine not in DATABASE_OPTIONS:
        hint = "give postgres://user:password@host:5432/name or sqlite:///path/to/file"
    elif engine == POSTGRESQL and find_spec("psycopg") is None:
        hint = "PostgreSQL needs a driver: install queueflow[postgres]"
    if hint or not url:
        var_dir.mkdir(parents=True, exist_ok=True)
        parsed = {"ENGINE": SQLITE, "NAME": str(var_dir / "db.sqlite3")}
    options = DATABASE_OPTIONS[parsed["ENGINE"]] | parsed.get("OPTIONS", {})
    return parsed | {"OPTIONS": options}, (ConfigProblem("DATABASE_URL", "***", hint),) if hint else ()
