"""E-mail into files, and several channels at once."""

import asyncio
import email
import email.policy
import json
from pathlib import Path

import pytest

from examples.work import mail, notifications
from examples.work.notifications import NotificationFailed, User

ALL = ("email", "push", "sms")


def messages(directory: Path) -> list[email.message.EmailMessage]:
    policy = email.policy.default
    return [email.message_from_bytes(path.read_bytes(), policy=policy) for path in sorted(directory.iterdir())]


def test_a_message_becomes_a_file(tmp_path: Path) -> None:
    attachment = tmp_path / "report.csv"
    attachment.write_text("event,count\n", encoding="utf-8")
    message_id = mail.deliver(tmp_path / "mail", "job-1", "ada@example.com", "Grüße", "Hello Ada", [attachment])
    [message] = messages(tmp_path / "mail")
    assert message["Message-ID"] == message_id == "<job-1@queueflow.example>"
    assert (message["To"], message["Subject"]) == ("ada@example.com", "Grüße")
    assert [part.get_filename() for part in message.iter_attachments()] == ["report.csv"]


def test_a_line_break_in_a_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="newlines"):
        mail.deliver(tmp_path, "job-1", "ada@example.com", "Hi\nBcc: all@example.com", "")


def notify(user_id: str, message: str, tmp_path: Path) -> dict[str, object]:
    user = notifications.find_user(user_id)
    return asyncio.run(notifications.notify(user, message, ALL, notifications.channels_into(tmp_path, "job-1")))


def test_all_channels_reach_who_has_them_all(tmp_path: Path) -> None:
    outcome = notify("ada", "Your parcel is here", tmp_path)
    assert outcome == {"channels": 3, "sent": ["email", "push", "sms"], "skipped": [], "failed": {}}
    assert len(messages(tmp_path / "mail")) == 1
    assert json.loads((tmp_path / "sms.jsonl").read_text(encoding="utf-8"))["phone"] == "+12025550101"


def test_a_failing_channel_does_not_stop_the_others(tmp_path: Path) -> None:
    outcome = notify("ben", "Your parcel is here", tmp_path)
    assert outcome["sent"] == ["email", "sms"]
    assert outcome["failed"] == {"push": "device token gone-ben-1 is no longer registered"}


def test_a_channel_that_the_user_switched_off_is_skipped(tmp_path: Path) -> None:
    outcome = notify("dan", "Your parcel is here", tmp_path)
    assert (outcome["sent"], outcome["skipped"]) == (["push"], ["email", "sms"])
    assert not (tmp_path / "mail").exists()


def test_when_every_channel_fails_the_notification_has_failed(tmp_path: Path) -> None:
    with pytest.raises(NotificationFailed, match=r"no channel reached eve: push: .*; sms: .*"):
        notify("eve", "Your parcel is here", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_long_message_does_not_fit_into_an_sms(tmp_path: Path) -> None:
    outcome = notify("ada", "x" * 161, tmp_path)
    assert outcome["failed"] == {"sms": "161 characters do not fit into a message of 160"}


def test_the_channels_are_tried_at_the_same_time() -> None:
    async def scenario() -> dict[str, object]:
        both_started = asyncio.Barrier(2)

        async def send(user: User, message: str) -> None:
            async with asyncio.timeout(5):
                await both_started.wait()

        user = notifications.find_user("ada")
        return await notifications.notify(user, "hi", ("email", "sms"), {"email": send, "sms": send})

    assert asyncio.run(scenario())["sent"] == ["email", "sms"]


def test_cancelling_the_notification_cancels_its_channels() -> None:
    async def scenario() -> bool:
        started, cancelled = asyncio.Event(), asyncio.Event()

        async def hang(user: User, message: str) -> None:
            started.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.set()
                raise

        user = notifications.find_user("ada")
        task = asyncio.create_task(notifications.notify(user, "hi", ("sms",), {"sms": hang}))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return cancelled.is_set()

    assert asyncio.run(scenario())


def test_a_user_nobody_knows_is_named() -> None:
    with pytest.raises(notifications.UnknownUser, match="there is no user 'zoe'"):
        notifications.find_user("zoe")
