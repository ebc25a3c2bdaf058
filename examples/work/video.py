"""Make a clip and transcode it, with the ffmpeg that imageio-ffmpeg brings along."""

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import imageio_ffmpeg

from examples.work.files import replacing
from examples.work.progress import Progress, silent

FRAMES_PER_SECOND = 16
SOURCE_SIZE = (320, 240)
CODECS = {
    "mp4": ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"),
    "webm": ("-c:v", "libvpx", "-deadline", "realtime", "-b:v", "400k"),
}


class TranscodingFailed(Exception):
    """ffmpeg ended with an error; the message is its last line."""


def frames(count: int, width: int, height: int) -> Iterator[bytes]:
    """``count`` frames of RGB bytes, each ``3 * width * height`` long: a colour wheel that moves to the left."""
    row = b"".join(bytes((255 * x // width, 255 - 255 * x // width, (7 * x) % 256)) for x in range(width))
    for number in range(count):
        offset = 3 * (8 * number % width)
        yield (row[offset:] + row[:offset]) * height


def make_clip(path: Path, seconds: float) -> None:
    """Write an H.264 clip of ``seconds`` to ``path``."""
    writer = imageio_ffmpeg.write_frames(str(path), SOURCE_SIZE, fps=FRAMES_PER_SECOND, output_params=["-threads", "1"])
    writer.send(None)
    try:
        for frame in frames(round(seconds * FRAMES_PER_SECOND), *SOURCE_SIZE):
            writer.send(frame)
    finally:
        writer.close()


def run_ffmpeg(arguments: Sequence[str], total_seconds: float, progress: Progress = silent) -> None:
    """Run ffmpeg, telling ``progress`` how much of ``total_seconds`` of output is done. Raises TranscodingFailed."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-nostdin", "-v", "error", "-progress", "pipe:1", *arguments]
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        try:
            # ffmpeg reports twice a second, so that a time-out interrupts this loop soon.
            for line in process.stdout or ():
                key, _, value = line.strip().partition("=")
                if key == "out_time_us" and value.isdigit():
                    done = int(value) / 1_000_000
                    progress(min(100.0, 100 * done / total_seconds), f"{done:.1f} of {total_seconds:.1f} s")
            code = process.wait()
        except BaseException:
            process.kill()
            raise
        if code != 0:
            errors.seek(0)
            lines = errors.read().decode(errors="replace").strip().splitlines()
            raise TranscodingFailed(lines[-1] if lines else f"ffmpeg ended with {code}")


def process_video(
    video_id: str,
    video_format: str,
    size: tuple[int, int],
    seconds: float,
    directory: Path,
    progress: Progress = silent,
) -> dict[str, object]:
    """Make the clip ``video_id``, transcode it to ``video_format`` (mp4, webm) at ``size`` and take a still from it.

    Returns ``{video, thumbnail, duration (s), frames, size (bytes)}``; files are names within ``directory``.
    """
    target = directory / f"{video_id}.{video_format}"
    still = directory / f"{video_id}.jpg"
    width, height = size
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch, "source.mp4")
        make_clip(source, seconds)
        progress(20, "clip made")
        scale = ("-threads", "1", "-vf", f"scale={width}:{height}", *CODECS[video_format])
        with replacing(target) as partial:
            run_ffmpeg(("-i", str(source), *scale, str(partial)), seconds, _between(20, 90, progress))
    with replacing(still) as partial:
        run_ffmpeg(("-ss", f"{seconds / 2:.2f}", "-i", str(target), "-frames:v", "1", str(partial)), seconds)
    progress(100, "done")
    return {"video": target.name, "thumbnail": still.name, **_measures(target)}


def _measures(path: Path) -> dict[str, object]:
    frame_count, duration = imageio_ffmpeg.count_frames_and_secs(str(path))
    return {"duration": duration, "frames": frame_count, "size": path.stat().st_size}


def _between(first: float, last: float, progress: Progress) -> Progress:
    """A listener that hears 0 to 100 and passes on ``first`` to ``last``."""
    return lambda percent, message: progress(first + (last - first) * percent / 100, message)
