"""Start the demonstration, let it work for some minutes, and take the pictures: `python -m docs.screenshots`."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Final

from PIL import Image

from . import camera, traffic
from .installation import ROOT, Demo

IMAGES: Final = ROOT / "docs" / "img"
KEPT: Final = (
    *("overview-tall-light", "overview-tall-dark", "dead-letters-desktop-light", "operation-desktop-light"),
    *("pool-tall-light", "simulation-tall-light", "schedules-desktop-light"),
)
MOST_BYTES: Final = 200_000
COLORS: Final = 256  # of a picture that is kept: pages have few, and the file a third of the bytes


def main() -> None:
    """Take all pictures into a folder, and those that the documentation shows into docs/img."""
    parser = argparse.ArgumentParser(prog="python -m docs.screenshots", description=__doc__)
    parser.add_argument("--seconds", type=int, default=270, help="how long it works first (%(default)s)")
    parser.add_argument("--all", type=Path, default=Path("var/screenshots"), help="where all go (%(default)s)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="queueflow-") as folder, Demo(Path(folder)) as demo:
        print(f"The demonstration runs at {demo.url}; pictures follow in {given.seconds} s")
        camera.prepare(demo)
        with traffic.running(demo, given.seconds):
            taken = camera.take(demo, given.all)
    IMAGES.mkdir(exist_ok=True)
    for path in taken:
        if path.stem in KEPT:
            keep(path, IMAGES / path.name)
    print(f"{len(taken)} pictures are in {given.all}, {len(KEPT)} of them in {IMAGES.relative_to(ROOT)}")


def keep(path: Path, kept: Path) -> None:
    """Write a picture with fewer colours. Raises SystemExit where it is still too large for a repository."""
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(COLORS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
            kept, optimize=True
        )
    if kept.stat().st_size > MOST_BYTES:
        raise SystemExit(f"{kept} has {kept.stat().st_size:,} bytes, more than {MOST_BYTES:,}")


if __name__ == "__main__":
    main()
