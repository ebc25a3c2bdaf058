"""Starts of `manage.py` with an environment of a test's own, without the time that importing other people's code takes.

A process that has imported packages, but nothing of ours and no settings, forks for each start. What reads the
environment, which is our code and Django's settings, is run anew in each.
"""

from __future__ import annotations

from collections.abc import Mapping

from .answering import Answering

# A line of JSON with arguments and environment on standard input, one with exit code and output as the answer.
_SERVE = """
import asyncio, json, os, runpy, sys, tempfile
import django.core.checks, django.core.management, django.core.serializers.json, django.db.backends.sqlite3.base
import django.db.models, django.forms, django.http, django.template.loader, django.test, django.urls
import cronsim, msgspec, prometheus_client, pydantic, redis.asyncio, redis.cluster, structlog

def start(arguments, environment, output):
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output.fileno(), 1)
    os.dup2(output.fileno(), 2)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["manage.py", *arguments]
    code = 1
    try:
        runpy.run_path("manage.py", run_name="__main__")
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

sys.path.insert(0, os.getcwd())
for line in sys.stdin:
    with tempfile.TemporaryFile() as output:
        pid = os.fork()
        if not pid:
            start(*json.loads(line), output)
        _, status = os.waitpid(pid, 0)
        output.seek(0)
        print(json.dumps([os.waitstatus_to_exitcode(status), output.read().decode()]), flush=True)
"""


class Starts(Answering):
    """Runs `manage.py` as often as it is told to."""

    def __init__(self) -> None:
        super().__init__("-c", _SERVE)

    def run(self, *arguments: str, environment: Mapping[str, str]) -> tuple[int, str]:
        """How a start with nothing but this environment ends: exit code, and what it wrote."""
        code, written = self.ask([arguments, dict(environment)])
        return code, written
