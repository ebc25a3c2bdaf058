"""``send-notification``: several channels at once, some of which fail."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from examples.output import output
from examples.work import notifications
from jobs import Discard, Job, current_job, handler


class NotificationPayload(BaseModel):
    """Whom to tell what, and over which channels."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)

    user_id: Annotated[str, Field(min_length=1, max_length=64)]
    message: Annotated[str, Field(min_length=1, max_length=2000)]
    channels: Annotated[list[Literal["email", "push", "sms"]], Field(min_length=1)]


@handler("send-notification", queue="notifications")
async def send_notification(payload: NotificationPayload, job: Job) -> dict[str, object]:
    """Reach the user where it works; only when no channel does has the job failed."""
    try:
        user = notifications.find_user(payload.user_id)
    except notifications.UnknownUser as exc:
        raise Discard(str(exc)) from exc
    channels = notifications.channels_into(output("notifications"), job.id)
    outcome = await notifications.notify(user, payload.message, payload.channels, channels)
    current_job.log(f"sent {outcome['sent']}, failed {outcome['failed']}, skipped {outcome['skipped']}")
    return outcome
