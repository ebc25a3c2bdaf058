"""Reads a Config from the environment; `read` lists every problem, `load` and `get_config` raise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from jobs.errors import ConfigError

from .config import SECRET_NAMES, Config


@dataclass(frozen=True)
class ConfigProblem:
    """One refused variable: its name, its value (masked for secrets) and how to put it right."""

    name: str
    value: str
    hint: str

    def __str__(self) -> str:
        return f"{self.name}={self.value!r} is refused: {self.hint}"


def shown(name: str, value: str) -> str:
    """Return `value` as it may be printed: secrets are masked."""
    return "***" if name in SECRET_NAMES else value[:200]


def with_secret_files(env: Mapping[str, str]) -> tuple[dict[str, str], tuple[ConfigProblem, ...]]:
    """Return `env` with each secret NAME_FILE replaced by NAME with what the file holds, and what went wrong."""
    merged, problems = dict(env), []
    for name in sorted(SECRET_NAMES):
        path = merged.pop(f"{name}_FILE", "")
        if not path:
            continue
        if env.get(name):
            problems.append(ConfigProblem(f"{name}_FILE", path, f"{name} is set too: give only one of them"))
            continue
        try:
            merged[name] = Path(path).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            problems.append(ConfigProblem(f"{name}_FILE", path, f"the file cannot be read ({type(error).__name__})"))
    return merged, tuple(problems)


def read(env: Mapping[str, str]) -> tuple[Config, tuple[ConfigProblem, ...]]:
    """Read a Config from environment variables; a refused or blank one leaves its default. Never raises."""
    merged, file_problems = with_secret_files(env)
    problems, values = list(file_problems), {}
    for spec in fields(Config):
        name, text = spec.metadata["env"], merged.get(spec.metadata["env"], "").strip()
        try:
            values[spec.name] = spec.metadata["parse"](text) if text else default_of(spec)
        except ValueError as error:
            values[spec.name] = default_of(spec)
            problems.append(ConfigProblem(name, shown(name, text), str(error)))
    config = Config(**values)
    return config, (*problems, *contradictions(config))


def default_of(spec: Field[Any]) -> Any:
    """Return the default of a field; every field of Config has one."""
    assert spec.default is not MISSING  # noqa: S101 - a slip in the class above, not input
    return spec.default


def contradictions(config: Config) -> tuple[ConfigProblem, ...]:
    """Return what is wrong between fields that are each fine."""
    problems = []
    if config.min_workers > config.max_workers:
        hint = f"it is above MAX_WORKERS={config.max_workers}"
        problems.append(ConfigProblem("MIN_WORKERS", str(config.min_workers), hint))
    if config.heartbeat_seconds * 2 > config.lease_seconds:
        hint = f"give at most half of LEASE_SECONDS={config.lease_seconds:g}, so that one late beat loses no lease"
        problems.append(ConfigProblem("HEARTBEAT_SECONDS", f"{config.heartbeat_seconds:g}", hint))
    if config.max_payload_bytes > config.max_body_bytes:
        hint = f"it is above MAX_BODY_BYTES={config.max_body_bytes}, so that no such payload could arrive"
        problems.append(ConfigProblem("MAX_PAYLOAD_BYTES", str(config.max_payload_bytes), hint))
    if config.outbox and config.outbox_max_bytes < config.max_payload_bytes:
        hint = f"it is below MAX_PAYLOAD_BYTES={config.max_payload_bytes}, so that such a payload would never fit"
        problems.append(ConfigProblem("OUTBOX_MAX_BYTES", str(config.outbox_max_bytes), hint))
    return (*problems, *_places(config), *_sentinels(config))


def _places(config: Config) -> list[ConfigProblem]:
    """What is wrong with where the servers are said to be."""
    if config.redis_sentinels and config.redis_cluster_nodes:
        return [ConfigProblem("REDIS_CLUSTER_NODES", "…", "REDIS_SENTINELS is set too: give only one of them")]
    if config.partitions.urls and (config.redis_url or config.redis_sentinels or config.redis_cluster_nodes):
        hint = "it gives addresses, so give no REDIS_URL, REDIS_SENTINELS or REDIS_CLUSTER_NODES besides"
        return [ConfigProblem("QUEUEFLOW_PARTITIONS", "***", hint)]
    if config.redis_cluster_nodes and not _is_for_cluster(config.redis_url):
        hint = "a cluster has the database 0 alone, and REDIS_CLUSTER_NODES gives the places"
        return [ConfigProblem("REDIS_URL", "***", hint)]
    return []


def _sentinels(config: Config) -> list[ConfigProblem]:
    """What is wrong with how sentinels are asked."""
    told = {
        "REDIS_SENTINEL_SSL_CA_CERTS": config.redis_sentinel_ssl_ca_certs,
        "REDIS_SENTINEL_SSL_CERTFILE": config.redis_sentinel_ssl_certfile,
        "REDIS_SENTINEL_SSL_KEYFILE": config.redis_sentinel_ssl_keyfile,
    }
    hint = "it is of use with REDIS_SENTINEL_SSL=true alone: set that too"
    is_for_tls = config.redis_sentinel_ssl
    return [ConfigProblem(name, value, hint) for name, value in told.items() if value and not is_for_tls]


def _is_for_cluster(url: str | None) -> bool:
    parts = urlsplit(url or "redis:")
    return parts.scheme != "unix" and parts.path in ("", "/", "/0") and "db=" not in parts.query


def load(env: Mapping[str, str]) -> Config:
    """Return the Config that `env` describes. Raises ConfigError with every problem."""
    config, problems = read(env)
    if problems:
        raise refusal(problems)
    return config


def refusal(problems: tuple[ConfigProblem, ...]) -> ConfigError:
    """Return the exception that says all of `problems`."""
    return ConfigError("; ".join(str(problem) for problem in problems))


def get_config() -> Config:
    """Return the Config of this process (`settings.QUEUEFLOW`). Raises ConfigError if it was refused."""
    problems: tuple[ConfigProblem, ...] = getattr(settings, "QUEUEFLOW_PROBLEMS", ())
    if problems:
        raise refusal(problems)
    config: Config = settings.QUEUEFLOW
    return config
