"""The parts of `make check-deploy`: other people's programs on our files, and our processes as the files say."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from . import image, postgres
from .dockerfile import DOCKERFILE, of_ones_own, read_instructions
from .installations import OVERLAYS, ROOT, SCALINGS, SECRETS, copied, with_scaling
from .kustomize import Object, render
from .manifests import COMPOSE, compose, compose_processes
from .prometheus.files import DASHBOARD

VALIDATE: Final = ROOT / ".venv-deploy" / "bin" / "kubernetes-validate"
SCHEMAS: Final = Path(__file__).with_name("schemas")
VERSIONS: Final = ("1.29.0", "1.37.0")
CUSTOM: Final = ("keda.sh/", "monitoring.coreos.com/")
_HASH: Final = re.compile(r"\b(queueflow-(?:config|scaling|secrets))-[a-z0-9]{10}\b")


@dataclass(frozen=True)
class Part:
    """`missing` names what this machine lacks for it; `check` raises AssertionError."""

    name: str
    purpose: str
    missing: Callable[[], list[str]]
    check: Callable[[], None]


def parts() -> dict[str, Part]:
    """All of them, by name."""
    return {
        part.name: part
        for part in (
            Part("image", "a linter reads the Dockerfile", _no_linter, check_image),
            Part("dashboard", "Grafana's types take the dashboard", _no_types, check_dashboard),
            Part("compose", "docker-compose reads the compose file", lambda: lacking("docker-compose"), check_compose),
            Part("kubernetes", "kubectl renders the overlays", lambda: lacking("kubectl"), check_kubernetes),
            Part("schemas", "the objects are what Kubernetes, KEDA and others take", _no_schemas, check_schemas),
            Part("processes", "the processes do as the manifests say", _no_processes, _check_processes),
        )
    }


def lacking(*programs: str) -> list[str]:
    """Those of some programs that are not here."""
    return [name for name in programs if not shutil.which(name)]


def _no_linter() -> list[str]:
    brought = [] if (SCHEMAS / "node_modules").exists() else ["dockerfile-utils (make check-deploy brings it)"]
    return lacking("node") + brought


def _no_types() -> list[str]:
    is_there = (SCHEMAS / "node_modules" / "@grafana").exists()
    return lacking("node") + ([] if is_there else ["@grafana/schema (make check-deploy brings it)"])


def _no_schemas() -> list[str]:
    places = {"kubernetes-validate": VALIDATE, "the schemas of KEDA": SCHEMAS / "node_modules"}
    brought = [f"{name} (make check-deploy brings it)" for name, path in places.items() if not path.exists()]
    return lacking("node") + brought


def _no_processes() -> list[str]:
    lacks = image.missing() + lacking("redis-server")
    return lacks + [f"{name} (Debian: postgresql)" for name in ("initdb", "pg_ctl") if not postgres.program(name)]


def _check_processes() -> None:
    from .rehearsal import rehearse

    rehearse()


def check_image() -> None:
    """Every instruction, flag and value of the Dockerfile, and of the one in the documentation."""
    for text in (DOCKERFILE.read_text(encoding="utf-8"), of_ones_own()):
        said = _output(["node", SCHEMAS / "dockerfile.mjs"], given=text)
        print(f"  dockerfile-utils: {said or 'nothing to say'} about {len(read_instructions(text))} instructions")


def check_dashboard() -> None:
    """Every field and word, as the code of the release that the compose file names has them."""
    release = str(compose()["services"]["grafana"]["image"]).rpartition(":")[2]
    types = json.loads((SCHEMAS / "package.json").read_text(encoding="utf-8"))["dependencies"]["@grafana/schema"]
    assert types == release, f"types of {types} for a Grafana {release}"
    panels = _output(["node", SCHEMAS / "dashboard.mjs"], given=DASHBOARD.read_text(encoding="utf-8")).strip()
    print(f"  @grafana/schema {types}: nothing to say about {panels} panels")


def check_compose() -> None:
    """With all services, without those of a profile, and not without a secret."""
    given = {**os.environ, **SECRETS, "GRAFANA_PASSWORD": "pw"}
    for words in ([], ["--profile", "monitoring"]):
        command = ["docker-compose", "--file", str(COMPOSE), *words, "config"]
        found = yaml.safe_load(_output(command, given))["services"]
        print(f"  docker-compose {' '.join([*words, 'config'])}: {', '.join(found)}")
    assert found.keys() == compose()["services"].keys(), found.keys()
    for name in ("SECRET_KEY", "REDIS_PASSWORD", "POSTGRES_PASSWORD", "GRAFANA_PASSWORD"):
        command = ["docker-compose", "--file", str(COMPOSE), "config"]
        done = subprocess.run(command, env={**given, name: ""}, capture_output=True, text=True, check=False)
        assert done.returncode, f"taken without {name}"
        print(f"  without {name}: refused")
    for each in compose_processes(SECRETS):
        wanted = {name: str(value) for name, value in found[each.name]["environment"].items()}
        assert wanted == each.environment, f"{each.name} is not what tests take it for"


def check_kubernetes() -> None:
    """The same objects as the renderer of the quick tests; two scalers, and an overlay without secrets, are refused."""
    with places() as place:
        for overlay in OVERLAYS:
            folder = place("") / "overlays" / overlay
            for each in (folder, *(with_scaling(place(""), overlay, scaling) for scaling in SCALINGS)):
                assert rendered(each) == _sorted(render(each)), f"{overlay} is not what tests take it for"
                print(f"  {overlay}: {len(rendered(each))} objects")
            for one, two in ((a, b) for a in SCALINGS for b in SCALINGS if a < b):
                refused(with_scaling(place(""), overlay, one, two), "exists; behavior must be merge or replace")
            (folder / "secrets.env").unlink()
            refused(folder, "secrets.env")
            print(f"  {overlay}: refused with any two of {', '.join(SCALINGS)}, and without secrets.env")


@contextmanager
def places() -> Iterator[Callable[[str], Path]]:
    """What makes copies of deploy/k8s."""
    with tempfile.TemporaryDirectory() as folder:
        yield lambda _: copied(Path(tempfile.mkdtemp(dir=folder)))


def rendered(folder: Path) -> list[Object]:
    """What kubectl makes of it, without hashes in names and with secrets to be read."""
    objects = list(yaml.safe_load_all(_HASH.sub(r"\1", _output(["kubectl", "kustomize", folder]))))
    for each in objects:
        if each["kind"] == "Secret":
            each["data"] = {name: base64.b64decode(value).decode() for name, value in each["data"].items()}
            del each["type"]
    return _sorted(objects)


def _sorted(objects: list[Object]) -> list[Object]:
    return sorted(objects, key=lambda each: (each["kind"], each["metadata"]["name"]))


def refused(folder: Path, why: str) -> None:
    """kubectl renders nothing, for this reason."""
    done = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, check=False)
    assert done.returncode, f"{folder} is rendered"
    assert why in done.stderr, done.stderr


def check_schemas() -> None:
    """Every object of every way to apply them, by the oldest and the newest version, without unknown fields."""
    for overlay in OVERLAYS:
        for scaling in SCALINGS:
            with places() as place:
                text = _output(["kubectl", "kustomize", with_scaling(place(""), overlay, scaling)])
                objects = list(yaml.safe_load_all(text))
                custom = [each for each in objects if each["apiVersion"].startswith(CUSTOM)]
                plain = place("") / "objects.yaml"
                plain.write_text(yaml.safe_dump_all([each for each in objects if each not in custom]), encoding="utf-8")
                for version in VERSIONS:
                    _output([VALIDATE, "--strict", "--kubernetes-version", version, plain])
                seen = _output(["node", SCHEMAS / "validate.mjs"], given=json.dumps(objects)).strip()
                assert int(seen) == len(custom), f"{seen} of {len(custom)}"
            print(f"  {overlay} with {scaling}: {len(objects) - len(custom)} objects of Kubernetes, {seen} of others")


def _output(command: Sequence[str | Path], env: dict[str, str] | None = None, given: str = "") -> str:
    """What a program prints. Raises AssertionError with its errors."""
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, input=given)
    assert done.returncode == 0, f"{command[0]} ends with {done.returncode}: {done.stdout[-1500:]}{done.stderr[-1500:]}"
    return done.stdout
