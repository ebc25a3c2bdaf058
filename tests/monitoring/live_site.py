"""A web process with its store and people, for tests of live updates."""

from __future__ import annotations

import json
import secrets
import time
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from jobs.conf import Config
from tests.monitoring.live_viewer import LiveViewer
from tests.support.jobs import StoreKit, store_kit
from tests.support.polling import wait_until
from tests.support.server import TestServer
from tests.support.shell import Shell
from tests.web.process import Answer, WebProcess

SILENCE_SECONDS = 1.2
PREPARE = """
import json
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import call_command

call_command("migrate", verbosity=0)
for name, role in (("ada", "Viewer"), ("bob", "Viewer"), ("eve", "Admin"), ("nobody", "")):
    user = get_user_model().objects.create_user(name, password="x")
    user.groups.add(*Group.objects.filter(name=role))
"""
DATABASE = """
import json
from django.conf import settings

print(json.dumps(str(settings.DATABASES["default"]["NAME"])))
"""
LOG_IN = """
import json, sys
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model

user = get_user_model().objects.get(username={name!r})
session = import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
session.create()
print(json.dumps(session.session_key))
"""


class LiveSite:
    """Ada and Bob may look, Eve may do all, nobody nothing.

    `kit` looks into the store; `more` are variables of the environment.
    """

    web: WebProcess
    kit: StoreKit

    def __init__(self, folder: Path, **more: str) -> None:
        self.server = TestServer()
        self.environment = {
            "DJANGO_SETTINGS_MODULE": "tests.settings", "QUEUEFLOW_VAR_DIR": str(folder),
            "SECRET_KEY": secrets.token_urlsafe(50),
            **more,
        }  # fmt: skip
        self._stack = ExitStack()

    @cached_property
    def _shell(self) -> Shell:
        shell = Shell(self.environment)
        self._stack.callback(shell.close)
        return shell

    @cached_property
    def database(self) -> Path:
        """The web process's database."""
        return Path(json.loads(self.shell(DATABASE)))

    def start_web(self) -> WebProcess:
        """One more web process."""
        web = WebProcess("manage.py", "web", "--bind", "127.0.0.1:0", env=self.environment)
        self._stack.callback(web.close)
        wait_until(lambda: web.process.poll() is not None or any("web listens on" in line for line in web.lines), 60)
        assert web.process.poll() is None, web.lines
        web.port = int(web.await_line("web listens on").rpartition(":")[2])
        return web

    def shell(self, code: str) -> str:
        """Run Python in a process beside the web process, and return what it prints."""
        return self._shell.run(code)

    def session(self, name: str = "ada") -> str:
        """The key of a new session of somebody."""
        key: str = json.loads(self.shell(LOG_IN.format(name=name)))
        return key

    def viewer(self, session: str, *topics: str, **options: Any) -> LiveViewer:
        """A viewer who is let in, subscribed to topics."""
        viewer = LiveViewer(self.web.port, session, **options)
        assert viewer.status == 101, viewer.status
        return viewer.subscribe(*topics)

    def log_out(self, session: str) -> Answer:
        """Press the button."""
        with self.web.connect() as connection:
            page = connection.get("/", f"Cookie: sessionid={session}")
            token = page.headers["set-cookie"].partition("csrftoken=")[2].partition(";")[0]
            cookie = f"Cookie: sessionid={session}; csrftoken={token}"
            head = ["POST /logout/ HTTP/1.1", "Host: localhost", cookie, f"X-CSRFToken: {token}", "Content-Length: 0"]
            connection.send("\r\n".join([*head, "", ""]))
            return connection.answer()

    def commands(self) -> int:
        """How many commands the server has had, but for this question."""
        stats: dict[str, Any] = {}
        with self.server.client() as client:
            stats = client.info("commandstats")
        names = stats.keys() - {"cmdstat_info", "cmdstat_client|setinfo", "cmdstat_hello"}
        return sum(int(stats[name]["calls"]) for name in names)

    def await_silence(self) -> None:
        """Return when nothing has been read for longer than two looks are apart."""
        seen, since = self.commands(), time.monotonic()

        def silent() -> bool:
            nonlocal seen, since
            before, seen = seen, self.commands()
            since = since if before == seen else time.monotonic()
            return time.monotonic() - since > SILENCE_SECONDS

        wait_until(silent, 20)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._stack = stack
            stack.enter_context(self.server)
            self.environment["REDIS_URL"] = self.server.url
            self.kit = stack.enter_context(store_kit(self.server.url, Config()))
            self.shell(PREPARE)
            self.web = self.start_web()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()
