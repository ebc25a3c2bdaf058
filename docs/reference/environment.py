"""docs/environment.md: each variable with what it is for and its default, from `.env.example`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
HEAD: Final = """# Environment variables

Made from `.env.example` by `python -m docs.reference`. A variable that is set wins over `.env` beside `manage.py`; an
empty one counts as not set. `manage.py check` refuses nonsense with the variable, its value and a hint, and no process
starts with it.
"""
SECRETS: Final = """
## Secrets from files

{names} name a file that holds the value, as orchestrators mount secrets. To give both is refused.
"""
_SECTION: Final = re.compile(r"^# --- (.+?) -+$")
_VARIABLE: Final = re.compile(r"^#([A-Z][A-Z0-9_]*)=(.*)$")


def page() -> str:
    """The whole page."""
    from jobs.conf import SECRET_NAMES

    written = [HEAD]
    words: list[str] = []
    for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines():
        if section := _SECTION.match(line):
            written.append(f"\n## {section[1]}\n\n| Variable | Default | Meaning |\n|---|---|---|\n")
        elif variable := _VARIABLE.match(line):
            written.append(_row(variable[1], variable[2], " ".join(words)))
            words = []
        elif line.startswith("# ") and len(written) > 1:
            words.append(line[2:])
    names = ", ".join(f"`{name}_FILE`" for name in sorted(SECRET_NAMES))
    return "".join([*written, SECRETS.format(names=names)])


def _row(name: str, default: str, words: str) -> str:
    shown = f"`{default}`" if default else "–"
    return f"| `{name}` | {shown} | {words.replace('|', chr(92) + '|')} |\n"
