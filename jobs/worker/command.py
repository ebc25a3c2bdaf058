"""What the commands `worker` and `workerpool` have in common."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from types import FrameType
from typing import Any, NoReturn

import msgspec

from jobs.conf import Config
from jobs.handlers.registry import registry
from jobs.logs import get_logger
from jobs.types import DEFAULT_QUEUE

from .health import add_health_port
from .options import PoolOptions, parse_queues
from .preload import preload, ready_to_fork, try_imports
from .supervisor import Supervisor

_log = get_logger(__name__)


def add_arguments(parser: ArgumentParser) -> None:
    """The arguments that both have."""
    parser.add_argument("--name", default="default", help="name of the pool")
    parser.add_argument(
        "--queues", help="queues to serve, with weights: mail:3,default:1 (default and those that handlers declare)"
    )
    parser.add_argument("--concurrency", type=int, help="jobs that a worker runs at once (WORKER_CONCURRENCY)")
    add_health_port(parser)
    parser.add_argument("--max-jobs", type=int, default=0, help="replace a worker after so many jobs")
    parser.add_argument("--max-memory", type=int, default=0, help="replace a worker that uses more than so many MiB")


def pool_options(options: dict[str, Any], least: int, most: int, config: Config) -> PoolOptions:
    """The arguments with the configuration's values where there are none. Raises ConfigError."""
    concurrency = options["concurrency"]
    return PoolOptions(
        name=options["name"],
        queues=() if options["queues"] is None else parse_queues(options["queues"]),
        least=least,
        most=most,
        concurrency=config.worker_concurrency if concurrency is None else concurrency,
        grace=config.shutdown_grace_seconds,
        max_jobs=options["max_jobs"],
        max_memory=options["max_memory"],
        health_port=options["health_port"],
        handler_modules=config.handler_modules,
    ).checked()


def declared_queues() -> tuple[tuple[str, int], ...]:
    """`default` and every queue that a known handler declares, with equal weights. Raises ConfigError for too many."""
    handlers = [registry.get(name) for name in registry.types()]
    names = {DEFAULT_QUEUE, *(name for handler in handlers if handler for name in (handler.queue, *handler.queues))}
    return parse_queues(",".join(sorted(names)))


def supervise(options: PoolOptions) -> int:
    """Run a pool until it is told to end. Returns the exit code. Raises ConfigError when it cannot begin."""
    for number in (signal.SIGTERM, signal.SIGINT):  # until the supervisor takes over
        signal.signal(number, _end)
    try_imports(options.handler_modules)
    preload(options.handler_modules)
    if not options.queues:
        options = msgspec.structs.replace(options, queues=declared_queues())
    supervisor = Supervisor(options, spawn=not ready_to_fork())
    queues = [name for name, _ in options.queues]
    _log.info("the pool starts", pool=options.name, queues=queues, min=options.least, max=options.most)
    return supervisor.run()


def _end(number: int, frame: FrameType | None) -> NoReturn:
    """Nothing has started that would have to be drained."""
    raise SystemExit(0)
