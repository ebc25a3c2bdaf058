"""What clients say of answers that they cannot take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from queueflow_client import ApiError, Client
from tests.client.hostile_peer import Answer, HostilePeer


def refusal(answer: Answer, ask: Callable[[Client], object], **options: Any) -> ApiError:
    """What a client says of such an answer, in all the ways that a caller may look at it."""
    with HostilePeer(answer) as peer:
        client = Client(peer.url, "secret", **options)
        with pytest.raises(ApiError) as caught:
            ask(client)
        client.close()
    assert str(caught.value).startswith(str(caught.value.status))
    assert all(isinstance(error, dict) for error in caught.value.errors)
    return caught.value


def job(client: Client) -> object:
    return client.job("x")
