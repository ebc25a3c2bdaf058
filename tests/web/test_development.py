"""`manage.py runserver`: the same application as in production, and no other one."""

from __future__ import annotations

import json
import socket
from pathlib import Path

from django.conf import settings

from tests.support.polling import wait_until
from tests.web.process import WebProcess


def test_the_development_server_serves_the_application_of_production(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    env = {"QUEUEFLOW_VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tests.settings", "DEBUG": "true"}
    web = WebProcess("manage.py", "runserver", "--noreload", "--skip-checks", f"127.0.0.1:{port}", env=env)
    web.port = port
    try:
        wait_until(lambda: not web.refuses(), 60)
        answer = web.get("/api/jobs")
        assert answer.status == 401
        assert json.loads(answer.body)["code"] == "unauthorized"
        assert answer.headers["x-content-type-options"] == "nosniff"
    finally:
        web.close()
    assert settings.WSGI_APPLICATION is None
