"""`python -m tests.deploy [PART …]` (`make check-deploy`): what needs tools or minutes.

Each part says what it found, or which of its tools this machine lacks; then the whole ends with 1.
"""

from __future__ import annotations

import argparse
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import tests.settings  # noqa: F401 - nothing from the developer's environment
from tests.deploy.validators import Part, parts


def run(part: Part) -> bool:
    """Whether a part is as it should be."""
    print(f"{part.name}: {part.purpose}", flush=True)
    if lacks := part.missing():
        print(f"  NOT CHECKED, this machine lacks: {', '.join(lacks)}", flush=True)
        return False
    try:
        part.check()
    except AssertionError as error:
        print(f"  FAILED: {error}", flush=True)
        return False
    return True


def main() -> int:
    """Run what is asked for; 1 where something is not as it should be, or could not be checked."""
    known = parts()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="PART", help="parts; all if none is given")
    names = parser.parse_args().names or list(known)
    fine = [run(known[name]) for name in names]
    print(f"{sum(fine)} of {len(fine)} parts are as they should be")
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
