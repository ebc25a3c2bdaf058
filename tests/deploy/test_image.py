"""The Dockerfile and the compose file, as far as they can be read without an engine."""

from __future__ import annotations

import json
import re
import shlex

import pytest

from monitoring.probes import LIVE

from .dockerfile import DOCKERFILE, instructions, last_stage, let_in
from .installations import ROOT, SECRETS
from .kustomize import variables
from .manifests import COMPOSE, compose, given

EXAMPLE = DOCKERFILE.with_name(".env.example")


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
    assert service["cap_drop"] == ["ALL"]


def test_as_many_workers_can_be_started_as_one_likes():
    worker = compose()["services"]["worker"]
    assert not worker.keys() & {"container_name", "ports", "hostname"}


def test_the_store_writes_down_what_it_has_and_forgets_nothing():
    command = compose()["services"]["valkey"]["command"][2]
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


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
