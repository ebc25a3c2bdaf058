"""Several servers as one: for a subject whose jobs are spread over them; the others use the first."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from benchmarks.server import Server


class Servers:
    """A context of so many servers. Figures are those of all together."""

    def __init__(self, binary: Path, folder: Path, count: int) -> None:
        self._servers = [Server(binary, folder / f"server-{number}") for number in range(count)]
        self._stack = ExitStack()

    @property
    def url(self) -> str:
        """Return the address of the first."""
        return self._servers[0].url

    @property
    def urls(self) -> str:
        """Return the addresses of all, separated by commas."""
        return ",".join(server.url for server in self._servers)

    def __enter__(self) -> Servers:
        for server in self._servers:
            self._stack.enter_context(server)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def describe(self) -> dict[str, str]:
        """Return name, version and flags of the first."""
        return self._servers[0].describe()

    def renew(self) -> None:
        """Replace each by an empty one at the same address."""
        for server in self._servers:
            server.renew()

    def wait_for_silence(self) -> None:
        """Wait a moment until no client but ours is connected."""
        for server in self._servers:
            server.wait_for_silence()

    def steady_memory(self) -> int:
        """Return the bytes that the data of all take, once they have stopped changing."""
        return sum(server.steady_memory() for server in self._servers)

    def cpu_seconds(self) -> float:
        """Return the processor time of all so far."""
        return sum(server.cpu_seconds() for server in self._servers)
