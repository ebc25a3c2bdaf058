"""Static files as they are deployed: collected with hashed names, and nothing points into the void."""

import json
import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

STATIC = re.compile(r"""{% static ["']([^"']+)["'] %}""")
IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["'](\.{1,2}/[^"']+)["']""")


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """Return the folder that `manage.py collectstatic` fills with the settings of a deployment."""
    folder = tmp_path_factory.mktemp("var")
    env = {"PATH": os.environ["PATH"], "QUEUEFLOW_ENV_FILE": os.devnull, "QUEUEFLOW_VAR_DIR": str(folder)}
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(command, cwd=settings.BASE_DIR, env=env, check=True)
    return folder / "static"


def test_every_name_in_the_manifest_is_there(collected):
    manifest = json.loads((collected / "staticfiles.json").read_text(encoding="utf-8"))
    assert [name for name in manifest["paths"].values() if not (collected / name).is_file()] == []
    assert {"django_htmx/htmx-2.min.js", "vendor/uPlot.esm.js", "vendor/uPlot.min.css"} <= manifest["paths"].keys()


def test_every_name_in_a_template_is_in_the_manifest(collected):
    manifest = json.loads((collected / "staticfiles.json").read_text(encoding="utf-8"))
    named = [
        name
        for template in (settings.BASE_DIR / "templates").rglob("*.html")
        for name in STATIC.findall(template.read_text(encoding="utf-8"))
    ]
    assert "css/tokens.css" in named
    assert [name for name in named if name not in manifest["paths"]] == []


def test_of_packages_only_what_pages_load_is_served(collected):
    assert {path.name for path in (collected / "vendor").iterdir() if path.name.count(".") == 2} == {
        "uPlot.esm.js",
        "uPlot.min.css",
    }


def test_the_lock_names_versions_and_hashes_but_no_address():
    lock = json.loads((settings.BASE_DIR / "package-lock.json").read_text(encoding="utf-8"))
    packages = [package for path, package in lock["packages"].items() if path]
    assert packages
    assert all(package["version"] and package["integrity"] for package in packages)
    assert not any("resolved" in package for package in packages)


def test_every_module_import_leads_to_a_hashed_file(collected):
    manifest = json.loads((collected / "staticfiles.json").read_text(encoding="utf-8"))
    hashed = {collected / name for name in manifest["paths"].values()}
    lost = []
    for script in hashed:
        if script.suffix in {".js", ".mjs"} and not script.name.endswith(".min.js"):
            targets = [(script.parent / path).resolve() for path in IMPORT.findall(script.read_text(encoding="utf-8"))]
            lost += [(script.name, str(target)) for target in targets if target not in hashed]
    assert lost == []


def test_no_module_imports_a_file_twice():
    """The storage rewrites the first import of a name only."""
    scripts = list((settings.BASE_DIR / "static/js").rglob("*.js"))
    assert scripts
    for script in scripts:
        names = IMPORT.findall(script.read_text(encoding="utf-8"))
        assert len(names) == len(set(names)), script.name


def test_no_module_makes_markup_or_code_of_text():
    """What jobs carry is text: only rows that the server has painted are parsed, in one place."""
    unsafe = re.compile(r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|eval|Function|document\.write)\s*[=(]")
    scripts = (settings.BASE_DIR / "static/js").rglob("*.js")
    assert {path.name for path in scripts if unsafe.search(path.read_text(encoding="utf-8"))} <= {"live-cells.js"}


def test_other_majors_and_extensions_of_htmx_stay_out(collected):
    names = {path.name.split(".")[0] for path in (collected / "django_htmx").iterdir()}
    assert names == {"django-htmx", "htmx-2"}
