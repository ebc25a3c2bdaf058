"""Rules name series that there are, and every alert says what to do."""

import re

import pytest

from .exported import BY_PROMETHEUS, OF_TARGETS, told_alike
from .files import PROMETHEUS, ROOT, added_up, alerts, labels, matched, parsed, records, rules, series


def test_rules_read_series_that_are_exported_or_recorded(exported):
    for rule in rules():
        names = series(rule["expr"])
        assert names, rule
        assert names <= exported.keys() | records().keys() | BY_PROMETHEUS.keys(), rule


def test_rules_look_for_labels_that_those_series_have(exported):
    for rule in rules():
        for name, label in matched(rule["expr"]):
            assert label in labels(name, exported | BY_PROMETHEUS) | OF_TARGETS, rule


@pytest.mark.parametrize("name", alerts())
def test_an_alert_names_labels_that_its_series_have(exported, name):
    alert = alerts()[name]
    named = set(re.findall(r"\$labels\.(\w+)", alert["annotations"]["summary"]))
    read = (labels(each, exported | BY_PROMETHEUS) for each in series(alert["expr"]))
    assert named <= set().union(*read) | OF_TARGETS


def test_no_figure_that_several_processes_tell_alike_is_added_up(exported):
    for rule in rules():
        assert added_up(rule["expr"], told_alike(exported)) == set(), rule


@pytest.mark.parametrize("name", alerts())
def test_an_alert_says_how_bad_it_is_and_what_to_do(name):
    alert = alerts()[name]
    said = alert["annotations"]
    assert re.fullmatch(r"QueueFlow[A-Z]\w+", name)
    assert alert["labels"]["severity"] in {"page", "ticket"}
    assert said.keys() == {"summary", "description", "runbook"}
    assert len(said["summary"]) < 100
    assert len(said["description"]) > 100


@pytest.mark.parametrize("name", alerts())
def test_the_runbook_of_an_alert_is_a_section_of_the_docs(name):
    file, _, anchor = alerts()[name]["annotations"]["runbook"].partition("#")
    headings = re.findall(r"^#+ (.+)$", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def told(fires):
    """The alerts that some test of promtool finds firing, or silent: those that its query names, or expects."""
    tests = [test for path in (PROMETHEUS / "tests").glob("*.yml") for test in parsed(path)["tests"]]
    questions = [asked for test in tests for asked in test.get("promql_expr_test", ())]
    for asked in (asked for asked in questions if "ALERTS" in asked["expr"]):
        expected = " ".join(sample["labels"] for sample in asked["exp_samples"])
        if fires == bool(expected):
            named = re.findall(r'alertname="(\w+)"', expected)
            patterns = named or re.findall(r'alertname=~?"([\w.*]+)"', asked["expr"])
            yield from (name for name in alerts() if any(re.fullmatch(pattern, name) for pattern in patterns))


@pytest.mark.parametrize("fires", [True, False], ids=["fires", "does not"])
def test_every_alert_has_a_test_in_which_it(fires):
    assert set(told(fires)) == alerts().keys()


def test_the_configuration_scrapes_the_installation_once_and_each_process():
    configured = parsed(PROMETHEUS / "prometheus.yml")
    paths = [(each["job_name"], each.get("metrics_path")) for each in configured["scrape_configs"]]
    assert paths == [
        ("queueflow", "/api/metrics"),
        ("queueflow-web", "/metrics/process"),
        ("queueflow-processes", "/metrics/process"),
        ("prometheus", None),
    ]
    assert [len(each["targets"]) for each in configured["scrape_configs"][0]["static_configs"]] == [1]


def test_the_table_of_the_docs_has_every_alert_with_its_severity():
    text = (ROOT / "docs" / "monitoring.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(QueueFlow\w+)` \| (\w+) \|", text, re.MULTILINE)
    assert rows == [(name, alert["labels"]["severity"]) for name, alert in alerts().items()]
