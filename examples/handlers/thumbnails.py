"""``create-thumbnails``: one picture in several sizes."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from examples.handlers.payloads import Name
from examples.output import output
from jobs import current_job, handler

Pixels = Annotated[int, Meta(ge=16, le=4096)]


class ThumbnailPayload(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """The picture to draw and the longer sides of its thumbnails, in pixels."""

    image_id: Name
    width: Pixels = 1600
    height: Pixels = 1200
    sizes: Annotated[tuple[Pixels, ...], Meta(min_length=1, max_length=10)] = (64, 128, 256, 512)
    format: Literal["webp", "jpeg", "png"] = "webp"


@handler("create-thumbnails", queue="images", timeout=60)
def create_thumbnails(payload: ThumbnailPayload) -> dict[str, object]:
    """Draw, scale, save."""
    from examples.work import thumbnails

    size = (payload.width, payload.height)
    made = thumbnails.create_thumbnails(
        payload.image_id, size, payload.sizes, payload.format, output("images"), current_job.update_progress
    )
    return {"imageId": payload.image_id, "thumbnails": made}
