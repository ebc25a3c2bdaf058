"""Static files as they are deployed: collected with hashed names, and nothing points into the void."""

import json
import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

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
    assert "django_htmx/htmx-2.min.js" in manifest["paths"]


def test_every_module_import_leads_to_a_hashed_file(collected):
    manifest = json.loads((collected / "staticfiles.json").read_text(encoding="utf-8"))
    hashed = {collected / name for name in manifest["paths"].values()}
    lost = []
    for script in hashed:
        if script.suffix in {".js", ".mjs"} and not script.name.endswith(".min.js"):
            targets = [(script.parent / path).resolve() for path in IMPORT.findall(script.read_text(encoding="utf-8"))]
            lost += [(script.name, str(target)) for target in targets if target not in hashed]
    assert lost == []


def test_other_majors_and_extensions_of_htmx_stay_out(collected):
    names = {path.name.split(".")[0] for path in (collected / "django_htmx").iterdir()}
    assert names == {"django-htmx", "htmx-2"}
