"""Each field of `Config` names its variable, its parser and its default in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from jobs.partitioning import Partitions
from jobs.proxies import TrustedProxies
from jobs.redaction import DEFAULT_FIELDS, field_patterns

from .parsers import (
    addresses,
    boolean,
    choice,
    dotted_paths,
    integer,
    key_prefix,
    kubernetes_name,
    partitions,
    redis_url,
    seconds,
    strategy_name,
    weights,
)

T = TypeVar("T")

SECRET_NAMES = frozenset(
    {"DATABASE_URL", "QUEUEFLOW_PARTITIONS", "REDIS_PASSWORD", "REDIS_SENTINEL_PASSWORD", "REDIS_URL", "SECRET_KEY"}
)
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
ACTUATORS = ("local", "kubernetes", "none")
LOG_FORMATS = ("text", "json")
ENVIRONMENT_COLORS = ("grey", "red", "amber", "green", "blue", "violet")  # as in static/css/frame.css
MEBIBYTE = 1024 * 1024


def variable(name: str, parse: Callable[[str], Any], default: T) -> T:
    """Declare a field of Config read from the environment variable `name`."""
    made: T = field(default=default, repr=name not in SECRET_NAMES, metadata={"env": name, "parse": parse})
    return made


@dataclass(frozen=True)
class Config:
    """Everything the engine can be told. Durations are seconds (float) or, with suffix `_ms`, whole milliseconds."""

    redis_url: str | None = variable("REDIS_URL", redis_url, None)
    redis_password: str | None = variable("REDIS_PASSWORD", str, None)
    redis_sentinels: tuple[tuple[str, int], ...] = variable("REDIS_SENTINELS", addresses, ())
    redis_sentinel_name: str = variable("REDIS_SENTINEL_NAME", str, "mymaster")
    redis_sentinel_username: str | None = variable("REDIS_SENTINEL_USERNAME", str, None)
    redis_sentinel_password: str | None = variable("REDIS_SENTINEL_PASSWORD", str, None)
    redis_sentinel_ssl: bool = variable("REDIS_SENTINEL_SSL", boolean, False)
    redis_sentinel_ssl_ca_certs: str | None = variable("REDIS_SENTINEL_SSL_CA_CERTS", str, None)
    redis_sentinel_ssl_certfile: str | None = variable("REDIS_SENTINEL_SSL_CERTFILE", str, None)
    redis_sentinel_ssl_keyfile: str | None = variable("REDIS_SENTINEL_SSL_KEYFILE", str, None)
    redis_cluster_nodes: tuple[tuple[str, int], ...] = variable("REDIS_CLUSTER_NODES", addresses, ())
    partitions: Partitions = variable("QUEUEFLOW_PARTITIONS", partitions, Partitions())
    enqueue_wait_replicas: int = variable("ENQUEUE_WAIT_REPLICAS", integer(0, 10), 0)
    enqueue_wait_ms: int = variable("ENQUEUE_WAIT_MS", integer(1, 10_000), 300)
    breaker_failures: int = variable("BREAKER_FAILURES", integer(1, 10_000), 5)
    breaker_open_seconds: float = variable("BREAKER_OPEN_SECONDS", seconds(0.01, 3600), 0.25)
    breaker_longest_seconds: float = variable("BREAKER_LONGEST_SECONDS", seconds(0.01, 3600), 2.0)
    breaker_probes: int = variable("BREAKER_PROBES", integer(1, 1000), 2)
    outbox: bool = variable("OUTBOX", boolean, False)
    outbox_max: int = variable("OUTBOX_MAX", integer(1, 100_000_000), 100_000)
    outbox_max_bytes: int = variable("OUTBOX_MAX_BYTES", integer(1, 2**50), 1024 * MEBIBYTE)
    prefix: str = variable("QUEUEFLOW_PREFIX", key_prefix, "queueflow:")
    min_workers: int = variable("MIN_WORKERS", integer(0, 1000), 1)
    max_workers: int = variable("MAX_WORKERS", integer(1, 1000), 10)
    worker_concurrency: int = variable("WORKER_CONCURRENCY", integer(1, 1000), 5)
    scaling_strategy: str = variable("SCALING_STRATEGY", strategy_name, "latency_target")
    scale_up_threshold: int = variable("SCALE_UP_THRESHOLD", integer(0, 10_000_000), 50)
    scale_down_threshold: int = variable("SCALE_DOWN_THRESHOLD", integer(0, 10_000_000), 10)
    scaling_cooldown_seconds: float = variable("SCALING_COOLDOWN", seconds(0, 86_400), 30.0)
    scaling_actuator: str = variable("SCALING_ACTUATOR", choice(*ACTUATORS), "local")
    kubernetes_namespace: str = variable("KUBERNETES_NAMESPACE", kubernetes_name, "")
    kubernetes_deployment: str = variable("KUBERNETES_DEPLOYMENT", kubernetes_name, "")
    kubernetes_workers_per_pod: int = variable("KUBERNETES_WORKERS_PER_POD", integer(1, 1000), 1)
    job_timeout_ms: int = variable("JOB_TIMEOUT", integer(1, 7 * 86_400_000), 30_000)
    lease_seconds: float = variable("LEASE_SECONDS", seconds(1, 3600), 30.0)
    heartbeat_seconds: float = variable("HEARTBEAT_SECONDS", seconds(0.1, 1200), 10.0)
    reaper_seconds: float = variable("REAPER_SECONDS", seconds(0.1, 3600), 5.0)
    shutdown_grace_seconds: float = variable("SHUTDOWN_GRACE_SECONDS", seconds(0, 86_400), 30.0)
    max_payload_bytes: int = variable("MAX_PAYLOAD_BYTES", integer(1, 64 * MEBIBYTE), MEBIBYTE)
    max_body_bytes: int = variable("MAX_BODY_BYTES", integer(1024, 256 * MEBIBYTE), 16 * MEBIBYTE)
    retention_seconds: int = variable("RETENTION_SECONDS", integer(0, 3650 * 86_400), 86_400)
    retention_max: int = variable("RETENTION_MAX", integer(0, 100_000_000), 100_000)
    retention_max_bytes: int = variable("RETENTION_MAX_BYTES", integer(0, 2**50), 1024 * MEBIBYTE)
    dlq_max: int = variable("DLQ_MAX", integer(0, 100_000_000), 0)
    max_releases: int = variable("MAX_RELEASES", integer(0, 100_000), 20)
    unknown_type_grace_seconds: float = variable("UNKNOWN_TYPE_GRACE", seconds(0, 86_400), 60.0)
    accept_unknown_types: bool = variable("ACCEPT_UNKNOWN_TYPES", boolean, False)
    idempotency_seconds: int = variable("IDEMPOTENCY_SECONDS", integer(1, 30 * 86_400), 86_400)
    tag_index: bool = variable("TAG_INDEX", boolean, False)
    audit_days: int = variable("AUDIT_DAYS", integer(0, 36_500), 365)
    priority_weights: tuple[int, int, int] = variable("PRIORITY_WEIGHTS", weights, (60, 30, 10))
    handler_modules: tuple[str, ...] = variable("QUEUEFLOW_HANDLERS", dotted_paths, ())
    trusted_proxies: TrustedProxies = variable("TRUSTED_PROXIES", TrustedProxies.parse, TrustedProxies())
    log_level: str = variable("LOG_LEVEL", choice(*LOG_LEVELS), "INFO")
    log_format: str = variable("LOG_FORMAT", choice(*LOG_FORMATS), "text")
    release: str = variable("RELEASE", str, "")
    latency_goal_ms: int = variable("LATENCY_GOAL", integer(0, 7 * 86_400_000), 0)
    environment_name: str = variable("ENVIRONMENT_NAME", str, "")
    environment_color: str = variable("ENVIRONMENT_COLOR", choice(*ENVIRONMENT_COLORS), "grey")
    redact_fields: tuple[str, ...] = variable("REDACT_FIELDS", field_patterns, DEFAULT_FIELDS)
    readiness_requires_store: bool = variable("READINESS_REQUIRES_STORE", boolean, True)
    live_sockets: int = variable("LIVE_SOCKETS", integer(0, 100_000), 500)
    live_sockets_per_user: int = variable("LIVE_SOCKETS_PER_USER", integer(1, 100_000), 20)
    live_check_seconds: float = variable("LIVE_CHECK_SECONDS", seconds(0.1, 15), 10.0)
    var_dir: Path = variable("QUEUEFLOW_VAR_DIR", Path, Path("var"))

    @property
    def is_embedded(self) -> bool:
        """No server is given: the one that comes along serves, on this host alone."""
        elsewhere = self.redis_sentinels or self.redis_cluster_nodes or self.partitions.urls
        return self.redis_url is None and not elsewhere

    @property
    def is_tagged(self) -> bool:
        """Whether the keys of each partition carry a hash tag of its own: `{queueflow:3}:` in place of `queueflow:`."""
        return self.partitions.count > 1 or bool(self.redis_cluster_nodes)
