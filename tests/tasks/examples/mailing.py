"""The example task with settings, and the one that takes its context."""

from __future__ import annotations

import logging
from typing import Any

from django.core.mail import send_mail

from .framework import TaskContext, task

logger = logging.getLogger(__name__)


@task(priority=2, queue_name="emails")
def email_users(emails: list[str], subject: str, message: str) -> int:
    """Sends mail."""
    return send_mail(subject=subject, message=message, from_email=None, recipient_list=emails)


@task(takes_context=True)
def email_users_in_context(context: TaskContext[..., Any], emails: list[str], subject: str, message: str) -> int:
    """Sends mail and says which attempt it is."""
    logger.debug("Attempt %s to send user email. Task result id: %s.", context.attempt, context.task_result.id)
    return send_mail(subject=subject, message=message, from_email=None, recipient_list=emails)
