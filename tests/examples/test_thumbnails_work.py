"""Pictures and their thumbnails."""

from pathlib import Path

import pytest

Image = pytest.importorskip("PIL.Image")

from examples.work import thumbnails  # noqa: E402


def test_each_size_is_a_readable_picture_of_the_same_proportions(tmp_path: Path) -> None:
    made = thumbnails.create_thumbnails("harbour", (800, 600), (64, 256), "webp", tmp_path)
    assert [(item["width"], item["height"]) for item in made] == [(64, 48), (256, 192)]
    for item in made:
        path = tmp_path / str(item["file"])
        with Image.open(path) as picture:
            picture.load()
            assert picture.size == (item["width"], item["height"])
        assert path.stat().st_size == item["bytes"]


@pytest.mark.parametrize("image_format", ["webp", "jpeg", "png"])
def test_every_format_is_written(tmp_path: Path, image_format: str) -> None:
    thumbnails.create_thumbnails("harbour", (200, 100), (50,), image_format, tmp_path)
    with Image.open(tmp_path / f"harbour-50.{image_format}") as picture:
        assert picture.format == image_format.upper()


def test_a_thumbnail_is_never_larger_than_its_picture(tmp_path: Path) -> None:
    [made] = thumbnails.create_thumbnails("small", (100, 80), (512,), "png", tmp_path)
    assert (made["width"], made["height"]) == (100, 80)


def test_the_same_seed_draws_the_same_picture() -> None:
    first = thumbnails.draw_picture("harbour", 64, 48)
    assert first.tobytes() == thumbnails.draw_picture("harbour", 64, 48).tobytes()
    assert first.tobytes() != thumbnails.draw_picture("hill", 64, 48).tobytes()


def test_nothing_half_written_is_left(tmp_path: Path) -> None:
    def interrupt(percent: float, message: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        thumbnails.create_thumbnails("harbour", (200, 100), (50, 80), "png", tmp_path, interrupt)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["harbour-50.png", "harbour.png"]
