"""``process-video``: a clip transcoded, with a still. Needs the extra ``video``."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from examples.handlers.payloads import Name
from examples.output import output
from jobs import current_job, handler

SIZES = {"320x240": (320, 240), "160x120": (160, 120), "640x480": (640, 480)}


class VideoPayload(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """The clip to make (``seconds`` long) and what to turn it into."""

    video_id: Name
    format: Literal["mp4", "webm"] = "mp4"
    resolution: Literal["160x120", "320x240", "640x480"] = "320x240"
    seconds: Annotated[float, Meta(ge=0.5, le=60)] = 5.0


@handler("process-video", queue="video", timeout=600)
def process_video(payload: VideoPayload) -> dict[str, object]:
    """Make, transcode, take a still; ten minutes at most."""
    from examples.work import video

    current_job.log(f"making {payload.seconds:g} s of video {payload.video_id} as {payload.format}")
    return video.process_video(
        payload.video_id,
        payload.format,
        SIZES[payload.resolution],
        payload.seconds,
        output("video"),
        current_job.update_progress,
    )
