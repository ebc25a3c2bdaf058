"""The faults, each as a function that does it to a ground once: `python -m tests.faults` runs them all."""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, NamedTuple

import psutil

from tests.faults.ground import Ground, stop_and_go

Do = Callable[[Ground], None]


class Scenario(NamedTuple):
    """A fault, in words how it is injected, and how often in the long form. `ground`: arguments of Ground."""

    name: str
    how: str
    do: Do
    times: int
    ground: dict[str, Any]

    def inject(self, ground: Ground, times: int) -> None:
        """Do it so many times, and note what was in flight each time."""
        for _ in range(times):
            ground.load.note_in_flight()
            self.do(ground)


SCENARIOS: Final[dict[str, Scenario]] = {}


def scenario(name: str, how: str, *, times: int, **ground: Any) -> Callable[[Do], Do]:
    """Enter a function among the scenarios."""

    def enter(do: Do) -> Do:
        SCENARIOS[name] = Scenario(name, how, do, times, ground)
        return do

    return enter


@scenario("a worker is killed", "SIGKILL to one of its processes", times=20)
def kill_workers(ground: Ground) -> None:
    ground.kill_worker(ground.pools[0])
    ground.completes(50)


@scenario("a pool is killed", "SIGKILL to its supervisor; another pool takes its place", times=10)
def kill_pools(ground: Ground) -> None:
    ground.pools[-1].signal(signal.SIGKILL)
    ground.start_pool()
    ground.completes(50)


@scenario("a worker is frozen beyond its lease", "SIGSTOP for 4 s, then SIGCONT; leases of 2 s", times=5, pools=2)
def freeze_workers(ground: Ground) -> None:
    with suppress(psutil.NoSuchProcess):
        stop_and_go(ground.dice.choice(ground.workers()), ground, 4)
    ground.completes(50)


@scenario("the server is killed", "SIGKILL, and started again; appendfsync always", times=10)
def kill_server(ground: Ground) -> None:
    ground.server.restart()
    ground.completes(100)


@scenario("the server restarts", "SIGTERM, and started again after a second", times=10)
def restart_server(ground: Ground) -> None:
    ground.server.stop()
    ground.lasts(1)
    ground.server.start()
    ground.completes(100)


@scenario("the server hangs", "SIGSTOP for 3 s, then SIGCONT", times=5)
def hang_server(ground: Ground) -> None:
    with ground.server.away("freeze"):
        ground.lasts(3)
    ground.completes(100)


@scenario("connections are reset", "all at once, every quarter of a second", times=40)
def reset_connections(ground: Ground) -> None:
    ground.proxy.cut(by_reset=True)
    ground.lasts(0.25)


@scenario("the network is cut in two", "bytes are swallowed for 4 s between all workers and the server", times=5)
def swallow(ground: Ground) -> None:
    ground.proxy.swallowing = True
    ground.lasts(4)
    ground.proxy.heal()
    ground.completes(100)


@scenario("the network is slow", "50 ms each way for 3 s", times=3)
def delay(ground: Ground) -> None:
    ground.proxy.delay = 0.05
    ground.lasts(3)
    ground.proxy.heal()
    ground.completes(100)


@scenario("LOADING", "restart with 6,000 more keys that load at 300 µs each", times=3)
def load_slowly(ground: Ground) -> None:
    mark = len(ground.load.accepted)
    with ground.server.client() as client:
        pipe = client.pipeline(transaction=False)
        for key in range(6000):
            pipe.set(f"filler:{mark}:{key}", "x")
        pipe.execute()
    ground.server.stop()
    ground.server.settings["key-load-delay"] = "300"  # microseconds; it answers every 1,024 keys
    ground.server.launch()
    ground.completes(100, 60)


@scenario("READONLY", "the server is made a replica of nobody for 2 s", times=5)
def read_only(ground: Ground) -> None:
    with ground.server.client() as client:
        client.replicaof("127.0.0.1", "1")
        ground.lasts(2)
        client.replicaof("NO", "ONE")
    ground.completes(100)


@scenario("OOM", "maxmemory of one byte for 2 s", times=5)
def fill_memory(ground: Ground) -> None:
    ground.configure(maxmemory_policy="noeviction", maxmemory="1")
    ground.lasts(2)
    ground.configure(maxmemory="0")
    ground.completes(100)


@scenario("MISCONF", "a snapshot that cannot be saved, for 2 s", times=5)
def fail_to_save(ground: Ground) -> None:
    in_its_way = ground.server.folder / "dump.rdb"
    in_its_way.mkdir()
    ground.configure(save="3600 1")
    ground.save_snapshot("err")
    ground.lasts(2)
    in_its_way.rmdir()
    ground.save_snapshot("ok")
    in_its_way.unlink()
    ground.configure(save="")
    ground.completes(100)


@scenario("NOAUTH", "a password that nobody has, for 2 s", times=5)
def lock_out(ground: Ground) -> None:
    with ground.server.client() as client:
        client.config_set("requirepass", "secret")
        client.execute_command("AUTH", "secret")
        client.client_kill_filter(_type="normal", skipme=True)
        ground.lasts(2)
        client.config_set("requirepass", "")
    ground.completes(100)


@scenario("NOREPLICAS", "three replicas are wanted for 2 s, and there are none", times=5)
def want_replicas(ground: Ground) -> None:
    ground.configure(min_replicas_to_write="3")
    ground.lasts(2)
    ground.configure(min_replicas_to_write="0")
    ground.completes(100)


@scenario("too many clients", "maxclients of one for 2 s, and all connections cut", times=5)
def crowd_out(ground: Ground) -> None:
    with ground.server.client() as client:
        client.config_set("maxclients", "1")
        client.client_kill_filter(_type="normal", skipme=True)
        ground.lasts(2)
        client.config_set("maxclients", "10000")
    ground.completes(100)
