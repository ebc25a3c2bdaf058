"""Rules name series that there are, and every alert says what to do."""

import re

import pytest

from .exported import BY_PROMETHEUS, of_processes, of_the_installation
from .files import PROMETHEUS, ROOT, alerts, matched, parsed, records, rules, series

OF_PROMETHEUS = {"instance", "job", "pod", "alertname", "alertstate"}


@pytest.fixture
def exported(api):
    """Names and labels of what a web process and a pool export; `api` sets up the former."""
    assert api.get("/types").status_code == 200  # so that requests with a key have been counted
    return of_the_installation() | of_processes()


def test_rules_read_series_that_are_exported_or_recorded(exported):
    for rule in rules():
        names = series(rule["expr"])
        assert names, rule
        assert names <= exported.keys() | records().keys() | BY_PROMETHEUS, rule


def test_rules_look_for_labels_that_those_series_have(exported):
    for rule in rules():
        for name, label in matched(rule["expr"]):
            assert label in exported.get(name, {label}) | OF_PROMETHEUS, rule


def test_no_figure_of_the_installation_is_added_up_over_web_processes():
    """Each stands in `max without (instance, pod)`, with nothing but a function of time between."""
    taken = re.compile(r"max without \(instance, pod\)\s*\((?:rate|increase)?\(?$")
    for rule in rules():
        for name in series(rule["expr"]) & of_the_installation().keys():
            for use in re.finditer(rf"\b{name}\b", rule["expr"]):
                before = rule["expr"][: use.start()].rstrip()
                harmless = re.search(r"(absent|min without \(instance, pod\) )\($", before)
                assert taken.search(before) or harmless, (name, rule)


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


def test_every_alert_has_a_test_in_which_it_fires_and_one_in_which_it_does_not():
    tested = "".join(path.read_text(encoding="utf-8") for path in (PROMETHEUS / "tests").glob("*.yml"))
    patterns = set(re.findall(r'alertname=~?"(\w+(?:\.\*)?)"', tested))
    for name in alerts():
        assert any(re.fullmatch(pattern, name) for pattern in patterns), name
    assert tested.count("exp_samples: []") >= len(alerts()) - 2  # the last test is silent for two at once


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
