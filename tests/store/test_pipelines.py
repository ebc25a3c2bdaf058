"""Many commands in one round trip are one write, too."""

from __future__ import annotations

import pytest

from tests.support.jobs import StoreKit


def test_what_is_sent_in_one_go_is_written_once(kit: StoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = kit.client.channel()
    channel.call("PING")
    written: list[int] = []
    send = channel._connection.send_packed_command

    def counted(parts: list[bytes]) -> None:
        written.append(len(parts))
        send(parts)

    monkeypatch.setattr(channel._connection, "send_packed_command", counted)
    assert channel.pipeline([("ECHO", "a"), ("ECHO", "b")]) == [b"a", b"b"]
    assert written == [1]
    channel.run_all([("desire", (kit.keys.pools,), ("p", each)) for each in (1, 2)])
    assert set(written) == {1}
    channel.close()
