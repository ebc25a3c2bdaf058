"""``send-email``: a message into a file."""

from dataclasses import dataclass, field

from examples.output import output
from examples.work import mail
from jobs import Discard, Job, handler


@dataclass(frozen=True)
class EmailPayload:
    """A plain message; ``attachments`` are files that other examples made, relative to their output folder."""

    to: str
    subject: str
    body: str
    attachments: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Refuse what would let a writer add headers of their own. Raises ValueError."""
        if "\n" in self.to + self.subject or "\r" in self.to + self.subject:
            raise ValueError("neither to nor subject may contain a line break")
        if "@" not in self.to:
            raise ValueError("to is not an e-mail address")


@handler("send-email", queue="mail", timeout=30, max_retries=5)
def send_email(payload: EmailPayload, job: Job) -> dict[str, object]:
    """Send through Django's file backend. An attachment from outside the examples' folder ends the job."""
    folder = output().resolve()
    attachments = [(folder / name).resolve() for name in payload.attachments]
    for attachment in attachments:
        if not attachment.is_relative_to(folder):
            raise Discard(f"{attachment.name} is not one of the examples' files")
    message_id = mail.deliver(output("mail"), job.id, payload.to, payload.subject, payload.body, attachments)
    return {"messageId": message_id}
