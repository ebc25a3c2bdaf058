"""Draw a picture and make thumbnails of it, with Pillow."""

import random
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from examples.work.files import replacing
from examples.work.progress import Progress, silent

SHAPES = 40


def draw_picture(seed: str, width: int, height: int) -> Image.Image:
    """A picture of ``width`` x ``height`` pixels in RGB; the same seed draws the same picture."""
    rng = random.Random(seed)
    gradient = Image.linear_gradient("L").resize((width, height))
    picture = Image.merge("RGB", (gradient, gradient.transpose(Image.Transpose.ROTATE_180), gradient.point(_soften)))
    pen = ImageDraw.Draw(picture, "RGBA")
    for _ in range(SHAPES):
        left, top = rng.randrange(width), rng.randrange(height)
        right, bottom = left + rng.randrange(1, width), top + rng.randrange(1, height)
        colour = (rng.randrange(256), rng.randrange(256), rng.randrange(256), rng.randrange(40, 160))
        shape = pen.ellipse if rng.random() < 0.5 else pen.rectangle
        shape((left, top, right, bottom), fill=colour)
    return picture


def _soften(value: float) -> float:
    return 96 + value / 4


def create_thumbnails(
    image_id: str,
    size: tuple[int, int],
    edges: Sequence[int],
    image_format: str,
    directory: Path,
    progress: Progress = silent,
) -> list[dict[str, object]]:
    """Draw the picture ``image_id`` and write it and one thumbnail per edge length into ``directory``.

    ``size`` is (width, height) in pixels; each of ``edges`` is the longer side of a thumbnail, which keeps the
    picture's proportions and is never larger than the picture. ``image_format``: webp, jpeg or png.
    Returns per thumbnail ``{file, width, height, bytes}`` in the order of ``edges``.
    """
    picture = draw_picture(image_id, *size)
    _save(picture, directory / f"{image_id}.{image_format}", image_format)
    thumbnails = []
    for number, edge in enumerate(edges, start=1):
        thumbnail = picture.copy()
        thumbnail.thumbnail((edge, edge), Image.Resampling.LANCZOS)
        path = directory / f"{image_id}-{edge}.{image_format}"
        _save(thumbnail, path, image_format)
        thumbnails.append(
            {"file": path.name, "width": thumbnail.width, "height": thumbnail.height, "bytes": path.stat().st_size}
        )
        progress(100 * number / len(edges), f"{number} of {len(edges)} sizes")
    return thumbnails


def _save(picture: Image.Image, path: Path, image_format: str) -> None:
    with replacing(path) as partial:
        picture.save(partial, format=image_format.upper())
