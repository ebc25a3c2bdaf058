"""The rules and the dashboard as they lie under deploy/, and the names in their queries."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).resolve().parents[3]
PROMETHEUS: Final = ROOT / "deploy" / "prometheus"
GRAFANA: Final = ROOT / "deploy" / "grafana"
DASHBOARD: Final = GRAFANA / "dashboards" / "queueflow.json"

_TEXTS = re.compile(r'"(?:[^"\\]|\\.)*"')
_MATCHERS = re.compile(r"([a-zA-Z_:][\w:]*)?\{([^}]*)\}")
_GROUPINGS = re.compile(r"\b(by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
_RANGES = re.compile(r"\[[^\]]*\]")
_NAMES = re.compile(r"(?<![\w:.])[a-zA-Z_:][\w:]*(?!\s*\()(?![\w:])")
_LARGEST = re.compile(r"(max without \(instance, pod\)\s*\((rate|increase)?|min without \(instance, pod\) |absent)\(?$")
_WORDS = frozenset({"and", "or", "unless", "bool", "offset"})


def parsed(path: Path) -> Any:
    """What a YAML file has."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def rules() -> list[dict[str, Any]]:
    """All rules; each has `record` or `alert`."""
    paths = sorted((PROMETHEUS / "rules").glob("*.yml"))
    return [rule for path in paths for group in parsed(path)["groups"] for rule in group["rules"]]


def records() -> dict[str, str]:
    """The expressions of the recorded series, by name."""
    return {rule["record"]: rule["expr"] for rule in rules() if "record" in rule}


def alerts() -> dict[str, dict[str, Any]]:
    """The alerts, by name."""
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


def dashboard() -> dict[str, Any]:
    """The dashboard of Grafana."""
    found: dict[str, Any] = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return found


def queries() -> dict[str, str]:
    """The expressions of the panels, by title and letter, with each variable of the dashboard at All."""
    board = dashboard()
    everything = {variable["name"]: variable["allValue"] for variable in board["templating"]["list"]}
    return {
        f"{panel['title']} {target['refId']}": filled(target["expr"], everything)
        for panel in board["panels"]
        for target in panel.get("targets", ())
    }


def filled(expression: str, values: Mapping[str, str]) -> str:
    """An expression with the dashboard's variables replaced."""
    for name, value in values.items():
        expression = expression.replace(f"${name}", value)
    return expression


def series(expression: str) -> set[str]:
    """The names of the series that a query reads."""
    bare = _RANGES.sub("", _GROUPINGS.sub("", _MATCHERS.sub(r"\1 ", _TEXTS.sub('""', expression))))
    return {name for name in _NAMES.findall(bare) if name not in _WORDS}


def added_up(expression: str, names: Iterable[str]) -> set[str]:
    """Those of some figures that several processes tell alike, which a query does not take the largest of at once.

    Each has to stand in `max without (instance, pod)`, with nothing but a function of time between.
    """
    return {
        name
        for name in series(expression) & {*names}
        for use in re.finditer(rf"\b{name}\b", expression)
        if not _LARGEST.search(expression[: use.start()].rstrip())
    }


def labels(name: str, exported: Mapping[str, set[str]]) -> set[str]:
    """Those of a series, which may be a recorded one: what it reads has them, and its expression keeps them."""
    if name not in records():
        return exported[name]
    expression = records()[name]
    without = [words for kind, words in _GROUPINGS.findall(expression) if kind == "without"]
    dropped = {label for words in without for label in words.split(", ")}
    assert not re.search(r"\bby\b", expression), "not known here"
    if "histogram_quantile" in expression:
        dropped.add("le")
    return set().union(*(labels(each, exported) for each in series(expression))) - dropped


def matched(expression: str) -> Iterator[tuple[str, str]]:
    """The names of series with each label that a query looks for on them."""
    for name, matchers in _MATCHERS.findall(_TEXTS.sub('""', expression)):
        for label in re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers):
            yield name, label
