"""Viewers and jobs at once: what live updates cost. Run by hand:

    python -m tests.perf.live --viewers 200 --seconds 60 --jobs 2000

A web process of its own serves the viewers, which acknowledge every frame; jobs are enqueued in the store and done
at the same rate. Prints how often the web process looks at the store with one viewer and with all, its
memory (PSS) at the start and at the end, frames a second, and the time from an enqueue to the frame that tells of it.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from tests import settings
from tests.monitoring.live_site import LiveSite
from tests.support.jobs import completed, store_kit

TOPICS = ("status", "queues", "workers", "jobs", "list", "list-dead", "dlq", "operations", "charts")
QUEUES = 20
BATCH = 50
STEPS_SECONDS = 5.0


class Crowd:
    """Viewers on one event loop. `frames` counts what they were told, `delays` are seconds from enqueue to frame."""

    def __init__(self) -> None:
        self.frames = 0
        self.bytes = 0
        self.delays: list[float] = []
        self.made: dict[str, float] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def grow(self, port: int, session: str, viewers: int) -> None:
        """Add viewers."""
        for _ in range(viewers):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            key = base64.b64encode(os.urandom(16)).decode()
            writer.write(
                f"GET /ws/live HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: http://localhost:{port}\r\n"
                f"Cookie: sessionid={session}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
            )
            head = await reader.readuntil(b"\r\n\r\n")
            assert b" 101 " in head, head
            write(writer, {"subscribe": TOPICS})
            self._tasks.append(asyncio.create_task(self._watch(reader, writer, is_first=not self._tasks)))

    async def close(self) -> None:
        """Let all go."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _watch(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_first: bool) -> None:
        while True:
            opcode, payload = await frame_of(reader)
            if opcode != 1:
                assert opcode != 8, payload
                continue
            self.frames += 1
            self.bytes += len(payload)
            write(writer, {"ack": int(payload[7 : payload.index(b",")])})
            if is_first and payload.startswith(b'"topic":"jobs"', payload.index(b",") + 1):
                self._measure(json.loads(payload)["data"])

    def _measure(self, data: Any) -> None:
        now = time.monotonic()
        newest = max((self.made.get(row["key"], 0.0) for row in data["rows"]), default=0.0)
        oldest_unseen = min((at for at in self.made.values()), default=None)
        if newest and oldest_unseen is not None:
            self.delays.append(now - oldest_unseen)
            self.made.clear()


def write(writer: asyncio.StreamWriter, frame: dict[str, Any]) -> None:
    """Send a masked frame of less than 126 bytes, or of a two-byte length."""
    payload = json.dumps(frame).encode()
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + size.to_bytes(2, "big")
    writer.write(b"\x81" + length + bytes(4) + payload)


async def rest(seconds: float) -> None:
    """Let the load run."""
    await asyncio.sleep(seconds)


async def frame_of(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """The next frame: opcode and payload."""
    first, size = await reader.readexactly(2)
    if size == 126:
        size = int.from_bytes(await reader.readexactly(2), "big")
    elif size == 127:
        size = int.from_bytes(await reader.readexactly(8), "big")
    return first & 0xF, await reader.readexactly(size)


def load(url: str, rate: int, crowd: Crowd, ended: threading.Event) -> None:
    """Enqueue jobs at a rate into twenty queues and complete as many, until told to end."""
    from jobs.conf import Config

    with store_kit(url, Config(retention_max=10_000)) as kit:
        worker, started, made = kit.worker(), time.monotonic(), 0
        while not ended.is_set():
            queue = f"queue-{made // BATCH % QUEUES}"
            ids = kit.enqueue_many(BATCH, queue=queue)
            crowd.made.setdefault(ids[-1], time.monotonic())
            worker.complete([completed(claim) for claim in kit.claim(worker, BATCH, queue=queue)])
            made += BATCH
            ended.wait(max(0.0, started + made / rate - time.monotonic()))


async def commands(site: LiveSite, seconds: float) -> float:
    """How many commands a second the server has that only the looks of the web process send."""
    before = await asyncio.to_thread(reads, site)
    await rest(seconds)
    return (await asyncio.to_thread(reads, site) - before) / seconds


def reads(site: LiveSite) -> int:
    """The names of queues and of operations: one each a look."""
    with site.server.client() as client:
        stats: dict[str, Any] = client.info("commandstats")
    return int(stats["cmdstat_hkeys"]["calls"])


def pss(site: LiveSite) -> float:
    """Proportional memory of the web process in MB."""
    return float(psutil.Process(site.web.process.pid).memory_full_info().pss) / 1e6


async def measure(site: LiveSite, viewers: int, seconds: float, rate: int) -> None:
    """Measure and print."""
    crowd, ended = Crowd(), threading.Event()
    session = await asyncio.to_thread(site.session)
    loading = threading.Thread(target=load, args=(site.server.url, rate, crowd, ended))
    loading.start()
    await crowd.grow(site.web.port, session, 1)
    await rest(STEPS_SECONDS)
    alone = await commands(site, STEPS_SECONDS)
    await crowd.grow(site.web.port, session, viewers - 1)
    await rest(STEPS_SECONDS)
    crowd.delays.clear()
    frames, sent, memory, started = crowd.frames, crowd.bytes, pss(site), time.monotonic()
    cpu = psutil.Process(site.web.process.pid).cpu_times()
    together = await commands(site, seconds)
    took, after = time.monotonic() - started, psutil.Process(site.web.process.pid).cpu_times()
    with site.server.client() as client:
        jobs = int(client.hget("queueflow:stats", "created") or 0)
    busy = after.user + after.system - cpu.user - cpu.system
    print(f"reads a second       {alone:.1f} with one viewer, {together:.1f} with {viewers}")
    print(f"memory (PSS)         {memory:.1f} MB at the start, {pss(site):.1f} MB after {took:.0f} s")
    print(f"frames               {(crowd.frames - frames) / took:.0f}/s, {(crowd.bytes - sent) / took / 1e6:.1f} MB/s")
    print(f"CPU of the process   {100 * busy / took:.0f} %")
    print(f"jobs in all          {jobs:,}")
    delays = sorted(crowd.delays) or [0.0]
    p95 = delays[int(0.95 * (len(delays) - 1))]
    print(f"enqueue to frame     p50 {statistics.median(delays):.2f} s, p95 {p95:.2f} s, max {delays[-1]:.2f} s")
    ended.set()
    await crowd.close()
    await asyncio.to_thread(loading.join)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--viewers", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--jobs", type=int, default=2000, help="a second")
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = settings.__name__
    with tempfile.TemporaryDirectory() as folder:
        limits = {"LIVE_SOCKETS": "1000", "LIVE_SOCKETS_PER_USER": "1000", "RETENTION_MAX": "10000"}
        with LiveSite(Path(folder), **limits) as site:
            asyncio.run(measure(site, options.viewers, options.seconds, options.jobs))


if __name__ == "__main__":
    main()
