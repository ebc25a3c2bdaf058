"""Structured logs: one pipeline for structlog and for the standard library, as readable text or JSON lines.

Context bound with `structlog.contextvars` (jobId, type, attempt, worker) appears on every line, also on those of
third-party code that logs through `logging`.
"""

from __future__ import annotations

import logging
import logging.config
import sys
from typing import Any, cast

import structlog
from structlog.typing import FilteringBoundLogger, Processor

SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
)


def get_logger(name: str) -> FilteringBoundLogger:
    """Return the structlog logger `name`; a line below LOG_LEVEL costs one empty call."""
    return cast(FilteringBoundLogger, structlog.stdlib.get_logger(name))


def renderers(log_format: str) -> tuple[Processor, ...]:
    """Return the last steps of the pipeline for `text` or `json`."""
    if log_format == "json":
        return structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)
    plain = structlog.dev.plain_traceback  # the default depends on what else is installed
    return (structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain),)


def logging_config(level: str, log_format: str) -> dict[str, Any]:
    """Return Django's LOGGING: one handler on stderr for everything.

    level: a name of `logging`, in capitals. log_format: `text` or `json`.
    """
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": SHARED,
        "processors": (structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers(log_format)),
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"structured": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django gives both a handler and a level of their own; ours are enough.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "INFO", "propagate": True},
            # The traffic of the event loop and of the web server is noise below WARNING.
            "asyncio": {"level": "WARNING"},
            "daphne": {"level": "WARNING"},
            "twisted": {"level": "WARNING"},
        },
    }


def configure(config: dict[str, Any]) -> None:
    """Set up logging from what `logging_config` made; Django calls it as LOGGING_CONFIG."""
    logging.config.dictConfig(config)
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[config["root"]["level"]]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
