"""Clips made and transcoded, where ffmpeg is installed."""

from itertools import pairwise
from pathlib import Path

import psutil
import pytest

ffmpeg = pytest.importorskip("imageio_ffmpeg")

from examples.work import video  # noqa: E402


@pytest.mark.parametrize("video_format", ["mp4", "webm"])
def test_a_clip_is_transcoded_and_has_a_still(tmp_path: Path, video_format: str) -> None:
    result = video.process_video("clip", video_format, (160, 120), 1.0, tmp_path)
    assert result["frames"] == 16
    assert result["duration"] == pytest.approx(1.0, abs=0.1)
    reader = ffmpeg.read_frames(str(tmp_path / str(result["video"])))
    try:
        assert next(reader)["size"] == (160, 120)
    finally:
        reader.close()
    assert (tmp_path / "clip.jpg").read_bytes()[:2] == b"\xff\xd8"


def test_only_the_results_are_left(tmp_path: Path) -> None:
    video.process_video("clip", "mp4", (160, 120), 0.5, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.jpg", "clip.mp4"]


def test_progress_rises_to_one_hundred(tmp_path: Path) -> None:
    seen: list[float] = []
    video.process_video("clip", "mp4", (160, 120), 1.0, tmp_path, lambda percent, _: seen.append(percent))
    assert all(before <= after for before, after in pairwise(seen))
    assert seen[-1] == 100


def test_what_ffmpeg_cannot_read_is_a_clear_failure(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video at all")
    with pytest.raises(video.TranscodingFailed, match="Invalid data"):
        video.run_ffmpeg(("-i", str(broken), str(tmp_path / "out.mp4")), 1.0)


def test_an_interrupt_leaves_no_ffmpeg_behind(tmp_path: Path) -> None:
    def interrupt(percent: float, message: str) -> None:
        raise KeyboardInterrupt

    source = ("-re", "-f", "lavfi", "-i", "testsrc=size=160x120:rate=16")
    endless = (*source, "-tune", "zerolatency", str(tmp_path / "endless.mp4"))
    with pytest.raises(KeyboardInterrupt):
        video.run_ffmpeg(endless, 1.0, interrupt)
    assert [child.name() for child in psutil.Process().children() if "ffmpeg" in child.name()] == []


def test_frames_are_rgb_and_move() -> None:
    first, second = video.frames(2, 32, 16)
    assert len(first) == len(second) == 3 * 32 * 16
    assert first != second
