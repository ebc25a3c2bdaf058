"""`.env.example` lists what is read of the environment: every variable with a line, and no other."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from django.conf import settings

from jobs.conf import Config

ROOMS = ("queueflow_site", "jobs", "monitoring", "scaling")
OF_OTHERS = {"DJANGO_SETTINGS_MODULE", "NO_COLOR", "PATH", "TERM"}  # set by manage.py, shells and terminals
LINE = re.compile(r"^#([A-Z][A-Z0-9_]*)=", re.MULTILINE)


def listed() -> list[str]:
    return LINE.findall((settings.BASE_DIR / ".env.example").read_text(encoding="utf-8"))


def read_in(source: str) -> Iterator[str]:
    """Names of variables that are asked for: `env.str("X")`, `environ.get(X)`, `os.environ["X"]`, `flag(env, "X")`."""
    tree = ast.parse(source)
    named = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            asked, words = [node.func, *node.args], [*node.args[:2]]
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            asked, words = [node.value], [node.slice]
        else:
            continue
        if not any(is_environment(each) for each in asked):
            continue
        for word in words:
            value = named.get(word.id) if isinstance(word, ast.Name) else getattr(word, "value", None)
            if isinstance(value, str) and value.isupper():
                yield value


def is_environment(node: ast.expr) -> bool:
    """Whether it is the environment, or a method of it."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
        return is_environment(node.value) or node.attr == "environ"
    return isinstance(node, ast.Name) and node.id in {"env", "environ"}


def read_anywhere() -> set[str]:
    files = [path for room in ROOMS for path in Path(settings.BASE_DIR, room).rglob("*.py")]
    found = {name for path in files for name in read_in(path.read_text(encoding="utf-8"))}
    return found - OF_OTHERS | {spec.metadata["env"] for spec in fields(Config)}


def test_every_variable_that_is_read_has_a_line_and_every_line_is_read():
    assert set(listed()) == read_anywhere()


def test_no_variable_has_two_lines():
    assert len(listed()) == len(set(listed()))


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ('env.str("A_B", default="")', ["A_B"]),
        ('flag(env, "DEBUG")', ["DEBUG"]),
        ('X = "NAME"\nenviron.get(X)', ["NAME"]),
        ('os.environ["SHELL"]', ["SHELL"]),
        ('os.environ["MARK"] = "1"', []),
        ('settings.get("OTHER")', []),
    ],
)
def test_variables_are_found_where_they_are_read(source, names):
    assert list(read_in(source)) == names
