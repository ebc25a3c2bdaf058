"""What `pip install` of a checkout brings is whole: all but the pages, which the site has in its checkout."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.docs.own_project import installed
from tests.engine.pools import ROOT

DATA = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]["*"]


@pytest.mark.parametrize("package", installed(), ids=lambda package: package.name)
def test_files_of_a_package_that_are_no_modules_are_named_as_its_data(package: Path):
    files = [path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert package / "__init__.py" in files
    assert [path for path in files if not any(path.match(pattern) for pattern in ("*.py", *DATA))] == []
