"""E-mail through Django's file backend: every message becomes a file, nothing leaves the machine."""

from collections.abc import Sequence
from pathlib import Path

from django.core.mail import EmailMessage, get_connection

BACKEND = "django.core.mail.backends.filebased.EmailBackend"
SENDER = "QueueFlow shop <shop@example.com>"


def deliver(
    directory: Path, message_key: str, to: str, subject: str, body: str, attachments: Sequence[Path] = ()
) -> str:
    """Write the message into ``directory`` and return its Message-ID.

    The id is made of ``message_key``: a message sent again by a second attempt carries the same one, by which mail
    systems recognise a repeat. Raises ValueError for a line break in a header, OSError for a missing attachment.
    """
    message_id = f"<{message_key}@queueflow.example>"
    directory.mkdir(parents=True, exist_ok=True)
    message = EmailMessage(
        subject=subject,
        body=body,
        from_email=SENDER,
        to=[to],
        headers={"Message-ID": message_id},
        connection=get_connection(BACKEND, file_path=str(directory)),
    )
    for attachment in attachments:
        message.attach_file(str(attachment))
    message.send()
    return message_id
