"""The Dockerfile and the compose file, as far as they can be read without an engine."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
import redis

from jobs.conf import SECRET_NAMES, read
from monitoring.probes import LIVE
from tests.support.polling import wait_until
from tests.support.ports import server_port
from tests.support.server import server_program

from .dockerfile import DOCKERFILE, instructions, last_stage, let_in, of_ones_own, read_instructions
from .installations import ROOT, SECRETS
from .kustomize import variables
from .manifests import COMPOSE, Process, compose, given

EXAMPLE = DOCKERFILE.with_name(".env.example")
WHEEL = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def test_what_the_image_is_made_from_is_there_and_reaches_the_engine():
    for name in let_in():
        assert (ROOT / name).exists(), name
    for name, words in instructions():
        if name == "COPY" and not words.startswith("--from"):
            for source in shlex.split(words)[:-1]:
                assert source == "." or source in let_in()


def test_everything_that_runs_is_in_the_image():
    packages = re.search(r"include = \[(.*)\]", (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert packages
    named = {name.strip('"*') for name in packages[1].split(", ")} - {"queueflow_client"}
    assert named | {"manage.py", "static", "templates"} <= let_in()
    assert not {".env", "var", ".git", "tests"} & let_in()


def test_the_lock_has_what_a_deployment_needs_beside_what_running_needs():
    def pinned(name: str) -> dict[str, str]:
        return dict(
            re.findall(r"^(\S+)==(\S+)", (ROOT / "requirements" / name).read_text(encoding="utf-8"), re.MULTILINE)
        )

    image, runtime = pinned("image.lock"), pinned("runtime.lock")
    assert {"psycopg", "psycopg-pool", "kubernetes"} <= image.keys()
    assert runtime.keys() - image.keys() == {"numpy", "pillow"}  # those of the examples
    assert {name: version for name, version in image.items() if name in runtime} == {
        name: version for name, version in runtime.items() if name in image
    }


def test_the_image_runs_as_nobody_and_says_how_it_is():
    said = last_stage()
    assert said["USER"] == "10001:10001"
    assert json.loads(said["ENTRYPOINT"]) == ["python", "manage.py"]
    check = json.loads(said["HEALTHCHECK"].partition("CMD ")[2])
    assert f"'GET', '{LIVE}'" in check[2]
    assert said["EXPOSE"] in check[2]
    compile(check[2], "HEALTHCHECK", "exec")


def test_stages_are_named_and_their_images_have_versions():
    stages = [words for name, words in instructions() if name == "FROM"]
    assert [words.split(" AS ")[-1] for words in stages[:2]] == ["assets", "build"]
    assert all(":latest" not in words and ":" in words for words in stages)


@pytest.mark.parametrize("name", ["web", "worker", "scaler", "scheduler", "migrate"])
def test_our_services_write_nowhere_but_in_memory(name: str):
    service = compose()["services"][name]
    assert service["read_only"] is True
    assert service["tmpfs"] == ["/tmp"]


@pytest.mark.parametrize("name", compose()["services"])
def test_no_service_may_do_what_root_may_or_fill_the_disk_with_its_log(name: str):
    service = compose()["services"][name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    if given(service["image"], {}).split(":")[0] not in ("queueflow", "prom/prometheus", "grafana/grafana"):
        assert service["user"] == "999:999"  # images that begin as root


def test_who_watches_reaches_no_store():
    services = compose()["services"]
    closed = {name for name, network in compose()["networks"].items() if network.get("internal")}
    assert all(not closed & {*services[name]["networks"]} for name in ("prometheus", "grafana"))
    assert all({*services[name]["networks"]} == closed for name in ("valkey", "postgres"))


def test_as_many_workers_can_be_started_as_one_likes():
    worker = compose()["services"]["worker"]
    assert not worker.keys() & {"container_name", "ports", "hostname"}


def test_the_store_writes_down_what_it_has_forgets_nothing_and_knows_how_much_it_may_have(tmp_path: Path):
    service = compose()["services"]["valkey"]
    limit = {name: given(text, SECRETS) for name, text in service["environment"].items()}
    port = server_port()
    words = service["command"][2].replace("$$", "$").replace("exec valkey-server", "").strip()
    program = f"exec {server_program()} --port {port} --dir . {words}"
    with (tmp_path / "log").open("w") as log:
        started = subprocess.Popen(["sh", "-c", program], cwd=tmp_path, env={**os.environ, **limit}, stdout=log)
    try:
        with redis.Redis(port=port, password=limit["REDIS_PASSWORD"]) as client:
            wait_until(lambda: answers(client))
            told = client.config_get("append*", "maxmemory*")
    finally:
        started.kill()
        started.wait()
    assert (told["appendonly"], told["maxmemory-policy"], int(told["maxmemory"])) == ("yes", "noeviction", 2**30)


def answers(client: redis.Redis) -> bool:
    """Whether a server takes commands."""
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def test_an_image_of_ones_own_is_not_built_over_and_its_handlers_are_known(services: list[Process]):
    assert not any("build" in service for service in compose()["services"].values())
    image = dict(read_instructions(of_ones_own()))["ENV"].split("=")
    for process in services:
        assert read({image[0]: image[1], **process.environment})[0].handler_modules == (image[1],)


def test_what_processes_are_configured_by_may_all_be_said_in_one_file(services: list[Process]):
    for process in services:
        assert process.workload["env_file"] == ["config.env"]
        assert process.workload["environment"].keys() <= SECRET_NAMES
        assert process.environment["ALLOWED_HOSTS"].split(",")[-1] == "web"  # by which Prometheus asks


def test_what_handlers_need_is_installed_into_the_environment_of_the_image(tmp_path: Path):
    said = read_instructions(of_ones_own())
    assert [words for name, words in said if name == "USER"] == ["root", last_stage()["USER"]]
    (line,) = [words for name, words in said if name == "RUN"]
    wheel(tmp_path / "parcels-1.0-py3-none-any.whl")
    (tmp_path / "requirements.txt").write_text(f"--no-index\n{tmp_path / 'parcels-1.0-py3-none-any.whl'}\n")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    pip = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}  # as that of the base image
    here = re.sub(r"/opt/(?=venv)|/tmp/(?=requirements)", f"{tmp_path}/", line)
    subprocess.run(["sh", "-ec", here], env=pip, check=True, stdout=subprocess.DEVNULL)
    subprocess.run([tmp_path / "venv" / "bin" / "python", "-c", "import parcels"], check=True)


def wheel(path: Path) -> None:
    """A package of one empty module."""
    about = {"METADATA": "Metadata-Version: 2.1\nName: parcels\nVersion: 1.0\n", "WHEEL": WHEEL, "RECORD": ""}
    with ZipFile(path, "w") as file:
        file.writestr("parcels.py", "")
        for name, text in about.items():
            file.writestr(f"parcels-1.0.dist-info/{name}", text)


def test_the_compose_file_insists_on_every_secret():
    asked = set(variables(EXAMPLE.read_text(encoding="utf-8")))
    insisted = set(re.findall(r"\$\{([A-Z_]+):\?", COMPOSE.read_text(encoding="utf-8")))
    assert insisted == asked
    for name in insisted:
        with pytest.raises(KeyError):
            given(COMPOSE.read_text(encoding="utf-8"), dict.fromkeys({*SECRETS, *insisted} - {name}, "pw"))


def test_the_example_lists_every_variable_of_the_compose_file():
    named = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE.read_text(encoding="utf-8")))
    assert named == set(re.findall(r"^#?([A-Z_]+)=", EXAMPLE.read_text(encoding="utf-8"), re.MULTILINE))
