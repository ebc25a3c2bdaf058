"""QueueFlow's configuration: one frozen object, read once from environment variables.

Each field of `Config` names its variable, its parser and its default in one place. `read` never raises: it
returns every problem at once, so that `manage.py check` can list them; `load` and `get_config` raise.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings

from .errors import ConfigError
from .proxies import TrustedProxies
from .redaction import DEFAULT_FIELDS, field_patterns

T = TypeVar("T")

SECRET_NAMES = frozenset({"DATABASE_URL", "REDIS_PASSWORD", "REDIS_URL", "SECRET_KEY"})
REDIS_SCHEMES = frozenset({"redis", "rediss", "unix"})
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOG_FORMATS = ("text", "json")
DOTTED_PATH = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\Z")
TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class ConfigProblem:
    """One refused variable: its name, its value (masked for secrets) and how to put it right."""

    name: str
    value: str
    hint: str

    def __str__(self) -> str:
        return f"{self.name}={self.value!r} is refused: {self.hint}"


def integer(low: int, high: int) -> Callable[[str], int]:
    """Return a parser for whole numbers from `low` to `high`."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]{1,19}", text) or not low <= int(text) <= high:
            raise ValueError(f"give a whole number from {low} to {high}")
        return int(text)

    return parse


def seconds(low: float, high: float) -> Callable[[str], float]:
    """Return a parser for durations in seconds from `low` to `high`."""

    def parse(text: str) -> float:
        hint = f"give seconds from {low:g} to {high:g}"
        try:
            value = float(text)
        except ValueError:
            raise ValueError(hint) from None
        if not math.isfinite(value) or not low <= value <= high:
            raise ValueError(hint)
        return value

    return parse


def choice(*allowed: str) -> Callable[[str], str]:
    """Return a parser that finds the text among `allowed`, whatever its case."""

    def parse(text: str) -> str:
        for word in allowed:
            if text.lower() == word.lower():
                return word
        raise ValueError(f"give one of {', '.join(allowed)}")

    return parse


def boolean(text: str) -> bool:
    """Parse true/false, yes/no, on/off or 1/0."""
    if text.lower() in TRUE_WORDS | FALSE_WORDS:
        return text.lower() in TRUE_WORDS
    raise ValueError("give true or false")


def redis_url(text: str) -> str:
    """Check the form of a server address; the connection itself is tried by whoever needs it."""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in REDIS_SCHEMES and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or not (parts.path if parts.scheme == "unix" else parts.hostname):
        raise ValueError("give redis://host:6379/0, rediss://host:6379/0 or unix:///path/to/socket")
    return text


def key_prefix(text: str) -> str:
    """Check the prefix of every key in the store: printable, without spaces or braces, ending in a colon."""
    if not re.fullmatch(r"[A-Za-z0-9_.:-]{0,63}:", text):
        raise ValueError("give up to 64 of A-Z a-z 0-9 _ . : - with a colon at the end, like queueflow:")
    return text


def weights(text: str) -> tuple[int, int, int]:
    """Parse the shares of high, normal and low priority."""
    parts = [part.strip() for part in text.split(",")]
    shares = [int(part) for part in parts if re.fullmatch(r"[0-9]{1,4}", part)]
    if len(parts) != 3 or len(shares) != 3 or not any(shares) or max(shares) > 1000:
        raise ValueError("give three whole numbers from 0 to 1000 for high, normal, low, not all 0, like 60,30,10")
    return shares[0], shares[1], shares[2]


def dotted_paths(text: str) -> tuple[str, ...]:
    """Parse a comma-separated list of module paths."""
    paths = tuple(part.strip() for part in text.split(",") if part.strip())
    if not all(DOTTED_PATH.match(path) for path in paths):
        raise ValueError("give module paths separated by commas, like shop.handlers,mail.handlers")
    return paths


def variable(name: str, parse: Callable[[str], Any], default: T) -> T:
    """Declare a field of Config read from the environment variable `name`."""
    made: T = field(default=default, repr=name not in SECRET_NAMES, metadata={"env": name, "parse": parse})
    return made


@dataclass(frozen=True)
class Config:
    """Everything the engine can be told. Durations are seconds (float) or, with suffix `_ms`, whole milliseconds."""

    redis_url: str | None = variable("REDIS_URL", redis_url, None)
    redis_password: str | None = variable("REDIS_PASSWORD", str, None)
    prefix: str = variable("QUEUEFLOW_PREFIX", key_prefix, "queueflow:")
    min_workers: int = variable("MIN_WORKERS", integer(0, 1000), 1)
    max_workers: int = variable("MAX_WORKERS", integer(1, 1000), 10)
    worker_concurrency: int = variable("WORKER_CONCURRENCY", integer(1, 1000), 5)
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
    audit_days: int = variable("AUDIT_DAYS", integer(0, 36_500), 365)
    priority_weights: tuple[int, int, int] = variable("PRIORITY_WEIGHTS", weights, (60, 30, 10))
    handler_modules: tuple[str, ...] = variable("QUEUEFLOW_HANDLERS", dotted_paths, ())
    trusted_proxies: TrustedProxies = variable("TRUSTED_PROXIES", TrustedProxies.parse, TrustedProxies())
    log_level: str = variable("LOG_LEVEL", choice(*LOG_LEVELS), "INFO")
    log_format: str = variable("LOG_FORMAT", choice(*LOG_FORMATS), "text")
    release: str = variable("RELEASE", str, "")
    redact_fields: tuple[str, ...] = variable("REDACT_FIELDS", field_patterns, DEFAULT_FIELDS)
    readiness_requires_store: bool = variable("READINESS_REQUIRES_STORE", boolean, True)
    var_dir: Path = variable("QUEUEFLOW_VAR_DIR", Path, Path("var"))


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
    return tuple(problems)


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
