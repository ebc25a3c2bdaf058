"""The faults, each as a function that does it to a ground once: `python -m tests.faults` runs them all."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from tests.faults.ground import Ground, stop_and_go
from tests.faults.load import Account
from tests.faults.proofs import await_loading, is_silent, says, sure, turns_away

Do = Callable[[Ground], None]
# A lease of 2 s, the reaper's second, a retry after 1.3 s, and a worker's start on two busy cores: as long as what a
# fault strikes may take.
MOST_RECOVERY: Final = 10.0
PROMPT: Final = 5.0  # where no worker is lost: time for all to find out that the store is back


class Scenario(NamedTuple):
    """A fault, in words how it is injected, and how often in the long form. `ground`: arguments of Ground.

    `most`: in how many seconds after the fault all has to be well again.
    """

    name: str
    how: str
    do: Do
    times: int
    most: float
    ground: dict[str, Any]

    def inject(self, ground: Ground, times: int) -> None:
        """Do it so many times, and wait each time until what was in flight has ended and the store is looked at."""
        for _ in range(times):
            ground.load.strike()
            self.do(ground)
            ground.judge()

    def faults(self, account: Account) -> list[str]:
        """What is not as it should be, in words."""
        return [*([] if account.is_clean else [str(account)]), *account.late(self.most)]


SCENARIOS: Final[dict[str, Scenario]] = {}


def scenario(name: str, how: str, *, times: int, most: float = PROMPT, **ground: Any) -> Callable[[Do], Do]:
    """Enter a function among the scenarios."""

    def enter(do: Do) -> Do:
        SCENARIOS[name] = Scenario(name, how, do, times, most, ground)
        return do

    return enter


@scenario("a worker is killed", "SIGKILL to one of its processes", times=20, most=MOST_RECOVERY)
def kill_workers(ground: Ground) -> None:
    ground.kill_worker(ground.pools[0])


@scenario("a pool is killed", "SIGKILL to its supervisor; another pool takes its place", times=10, most=MOST_RECOVERY)
def kill_pools(ground: Ground) -> None:
    killed = ground.pools[-1]
    killed.signal(signal.SIGKILL)
    sure(killed.wait() == -signal.SIGKILL, "the supervisor ended otherwise")
    ground.start_pool()


@scenario(
    "a worker is frozen beyond its lease",
    "SIGSTOP for 4 s, then SIGCONT; leases of 2 s",
    times=5,
    most=MOST_RECOVERY,
    pools=2,
)
def freeze_workers(ground: Ground) -> None:
    before = ground.store.reader.totals().get("reaped", 0)
    stop_and_go(ground.dice.choice(ground.workers()), ground, 4)
    sure(ground.store.reader.totals().get("reaped", 0) > before, "nobody took its jobs away")


@scenario("the server is killed", "SIGKILL, and started again; appendfsync always", times=10)
def kill_server(ground: Ground) -> None:
    ground.server.kill()
    sure(ground.server.exit_code == -signal.SIGKILL, "the server ended otherwise")
    ground.server.start()
    ground.over()


@scenario("the server restarts", "SIGTERM, and started again after a second", times=10, most=MOST_RECOVERY)
def restart_server(ground: Ground) -> None:
    ground.server.stop()
    sure(ground.server.exit_code == 0, "the server ended otherwise")
    ground.lasts(1)
    ground.server.start()
    ground.over()


@scenario("the server hangs", "SIGSTOP for 3 s, then SIGCONT", times=5)
def hang_server(ground: Ground) -> None:
    with ground.server.away("freeze"):
        sure(is_silent(ground.server.url), "the server answered")
        ground.lasts(2.5)
    ground.over()


@scenario("connections are reset", "all at once", times=40)
def reset_connections(ground: Ground) -> None:
    sure(ground.proxy.cut(by_reset=True), "there was no connection")


@scenario(
    "the network is cut in two",
    "bytes are swallowed for 4 s between all workers and the server",
    times=5,
    most=MOST_RECOVERY,
)
def swallow(ground: Ground) -> None:
    ground.proxy.swallowing = True
    sure(is_silent(ground.proxy.url), "the network passed bytes on")
    ground.lasts(3.5)
    ground.proxy.heal()
    ground.over()


@scenario("the network is slow", "50 ms each way for 3 s", times=3)
def delay(ground: Ground) -> None:
    ground.proxy.delay = 0.05
    sure((took := ground.answer_ms()) >= 100, "the network was quick")
    ground.tells(took, f"answers after {took:.0f} ms")
    ground.lasts(3)
    ground.proxy.heal()
    ground.over()


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
    await_loading(ground.server)
    ground.server.await_ready()
    ground.over()


@scenario("READONLY", "the server is made a replica of nobody for 2 s", times=5)
def read_only(ground: Ground) -> None:
    with says(ground.server, "READONLY"), ground.server.client() as client:
        client.replicaof("127.0.0.1", "1")
        ground.lasts(2)
        client.replicaof("NO", "ONE")
    ground.over()


@scenario("OOM", "maxmemory of one byte for 2 s", times=5)
def fill_memory(ground: Ground) -> None:
    with says(ground.server, "OOM"):
        ground.configure(maxmemory_policy="noeviction", maxmemory="1")
        ground.lasts(2)
        ground.configure(maxmemory="0")
    ground.over()


@scenario("MISCONF", "a snapshot that cannot be saved, for 2 s", times=5)
def fail_to_save(ground: Ground) -> None:
    in_its_way = ground.server.folder / "dump.rdb"
    in_its_way.mkdir()
    with says(ground.server, "MISCONF"):
        ground.configure(save="3600 1")
        ground.save_snapshot("err")
        ground.lasts(2)
        in_its_way.rmdir()
        ground.save_snapshot("ok")
    ground.over()
    in_its_way.unlink()
    ground.configure(save="")


@scenario("NOAUTH", "a password that nobody has, for 2 s", times=5)
def lock_out(ground: Ground) -> None:
    with says(ground.server, "NOAUTH"), ground.server.client() as client:
        client.config_set("requirepass", "secret")
        client.execute_command("AUTH", "secret")
        client.client_kill_filter(_type="normal", skipme=True)
        ground.lasts(2)
        client.config_set("requirepass", "")
    ground.over()


@scenario("NOREPLICAS", "three replicas are wanted for 2 s, and there are none", times=5)
def want_replicas(ground: Ground) -> None:
    with says(ground.server, "NOREPLICAS"):
        ground.configure(min_replicas_to_write="3")
        ground.lasts(2)
        ground.configure(min_replicas_to_write="0")
    ground.over()


@scenario("too many clients", "maxclients of one for 2 s, and all connections cut", times=5)
def crowd_out(ground: Ground) -> None:
    with turns_away(ground.server), ground.server.client() as client:
        client.config_set("maxclients", "1")
        client.client_kill_filter(_type="normal", skipme=True)
        ground.lasts(2)
        client.config_set("maxclients", "10000")
    ground.over()
