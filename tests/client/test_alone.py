"""The client as a folder: what it needs, and what it never shows."""

from __future__ import annotations

import ast
import json
import logging
import shutil
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

import queueflow_client
from queueflow_client import ApiError, Client, NoAnswer
from tests.client.certificate import write_certificate
from tests.client.cutting_proxy import CuttingProxy
from tests.client.service import Service

FOLDER = Path(queueflow_client.__file__).parent
ALONE = """
import json, sys
sys.path.insert(0, sys.argv[1])
from queueflow_client import Client
client = Client(sys.argv[2], sys.argv[3])
print(json.dumps([client.wait(client.enqueue("echo", 10**30)), sorted(sys.modules)]))
"""
FORKS = """
import json, os, sys
from queueflow_client import Client
client = Client(sys.argv[1], sys.argv[2])
client.enqueue("noop")
child = os.fork()
name = "parent" if child else "child"
for number in range(50):
    payload = [name, number]
    assert client.job(client.enqueue("echo", payload))["payload"] == payload
if child:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def run(script: str, *arguments: object, isolated: bool = False) -> str:
    command = [sys.executable, *(["-I", "-S"] if isolated else []), "-c", script, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=FOLDER.parent)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_copy_of_the_folder_works_without_any_package(service: Service, tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / FOLDER.name)
    result, modules = json.loads(run(ALONE, tmp_path, service.url, service.key, isolated=True))
    assert result == 10**30
    assert not {"django", "jobs", "msgspec", "redis"} & set(modules)


def test_it_imports_nothing_but_the_standard_library() -> None:
    nodes = [node for file in FOLDER.rglob("*.py") for node in ast.walk(ast.parse(file.read_text()))]
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    assert names
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_a_fork_does_not_share_connections(service: Service, proxy: CuttingProxy) -> None:
    run(FORKS, proxy.url, service.key)
    assert proxy.connections == 2


def test_the_key_is_never_shown(service: Service, proxy: CuttingProxy, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    shown = []
    client = Client(proxy.url, service.key)
    proxy.cuts = 1
    client.enqueue("noop")
    wrong = Client(service.url, "qf_secret-but-wrong")
    with pytest.raises(ApiError) as refused:
        wrong.enqueue("noop")
    away = Client("http://127.0.0.1:9", "qf_secret-and-away", timeout=0.2)
    with pytest.raises(NoAnswer) as lost:
        away.enqueue("noop")
    with pytest.raises(ValueError, match="key: give an API key") as malformed:
        Client(service.url, "qf_secret\n")
    for error in (refused, lost, malformed):
        shown += [str(error.value), repr(error.value), repr(error.value.__cause__)]
    shown += [repr(client), repr(wrong), caplog.text]
    assert "again in" in caplog.text
    for text in shown:
        assert "secret" not in text
        assert service.key not in text


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:8000", "ftp://host", "http://", "http://user:password@host", "http://host/?a=b"]
)
def test_an_address_that_cannot_work_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="url: give http"):
        Client(url, "secret")


def test_a_slash_at_the_end_of_the_address_does_not_matter(service: Service) -> None:
    client = Client(service.url + "/", service.key)
    assert client.enqueue("noop")["status"] == "pending"
    client.close()


def test_https_checks_certificates_and_does_not_ask_again(service: Service, tmp_path: Path) -> None:
    certificate = tmp_path / "localhost.pem"
    write_certificate(certificate)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    with CuttingProxy(service.url, tls=server) as proxy:
        url = proxy.url.replace("http://127.0.0.1", "https://localhost")
        with pytest.raises(ssl.SSLCertVerificationError):
            Client(url, service.key).enqueue("echo", 1)
        assert proxy.connections == 1
        client = Client(url, service.key, context=ssl.create_default_context(cafile=str(certificate)))
        assert client.wait(client.enqueue("echo", "sealed")) == "sealed"
        client.close()
