"""schemathesis finds nothing: the whole document, all checks, against a web process as it is run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.scopes import Scope
from tests.contract.conformance import contract
from tests.contract.hooks import ANSWERS_FILE
from tests.contract.service import Service
from tests.engine.pools import ROOT

ST = Path(sys.executable).with_name("st")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Give the service, as the runs before have left it."""
    with Service(tmp_path_factory.mktemp("contract")) as started:
        yield started


@pytest.fixture
def answers(service: Service, tmp_path: Path):
    """Return a function that tries the API with a key and returns what each operation has answered."""

    def run(scope: str, *options: str) -> set[tuple[str, int]]:
        noted = tmp_path / "answers.json"
        done = subprocess.run(
            [
                *(str(ST), "--config-file", "schemathesis.toml", "run", f"{service.url}/api/openapi.json"),
                *(
                    "--header",
                    f"Authorization: Bearer {service.keys[scope]}",
                    "--checks",
                    "all",
                    "--no-color",
                    *options,
                ),
            ],
            cwd=ROOT,
            env=os.environ | {ANSWERS_FILE: str(noted), "COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout[-20_000:]}\n{done.stderr[-5_000:]}"
        return {(operation, status) for operation, status in json.loads(noted.read_text())}

    return run


def test_an_admin_finds_nothing_wrong_and_gets_everywhere(answers):
    seen = answers("admin")
    reached = {operation for operation, status in seen if 200 <= status < 300}
    assert reached == {operation["operationId"] for _, _, operation in contract().operations}
    assert [each for each in seen if each[1] >= 500] == []


@pytest.mark.timeout(1200)
def test_an_admin_finds_nothing_wrong_however_often_it_tries(answers):
    assert [each for each in answers("admin", "--max-examples", "40") if each[1] >= 500] == []


@pytest.mark.parametrize("scope", [scope for scope in Scope if scope is not Scope.ADMIN])
def test_a_key_of_one_scope_finds_nothing_wrong(answers, scope):
    seen = answers(scope, "--phases", "examples,coverage", "--mode", "positive")  # nonsense is tried by the admin
    for _, _, operation in contract().operations:
        name = operation["operationId"]
        opened = {status for each, status in seen if each == name and 200 <= status < 300}
        assert bool(opened) <= (scope in operation["x-required-scopes"]), name
        assert (name, 403) in seen or scope in operation["x-required-scopes"], name
    assert [each for each in seen if each[1] >= 500] == []
