"""The dashboard of Grafana reads series that there are, from the datasource that is provisioned with it."""

import re

import pytest

from .exported import BY_PROMETHEUS, OF_TARGETS, of_the_installation, told_alike
from .files import GRAFANA, added_up, dashboard, labels, matched, parsed, queries, records, series


def panels():
    return [panel for panel in dashboard()["panels"] if panel["type"] != "row"]


@pytest.mark.parametrize("title", queries())
def test_a_panel_reads_series_that_are_exported_or_recorded_by_labels_that_they_have(exported, title):
    query, known = queries()[title], exported | BY_PROMETHEUS
    assert series(query)
    assert series(query) <= known.keys() | records().keys()
    for name, label in matched(query):
        assert label in labels(name, known) | OF_TARGETS, name


@pytest.mark.parametrize("title", queries())
def test_no_panel_adds_up_what_several_processes_tell_alike(exported, title):
    assert added_up(queries()[title], told_alike(exported)) == set()


def test_legends_name_labels_that_the_series_have(exported):
    for panel in panels():
        for target in panel["targets"]:
            known = set().union(*(labels(name, exported | BY_PROMETHEUS) for name in series(target["expr"])))
            assert set(re.findall(r"{{(\w+)}}", target["legendFormat"])) <= known | OF_TARGETS, panel["title"]


def test_panels_show_everything_that_is_recorded():
    shown = set().union(*(series(query) for query in queries().values()))
    assert set(records()) <= shown


def test_panels_and_variables_use_the_datasource_that_is_provisioned():
    (source,) = parsed(GRAFANA / "provisioning" / "datasources" / "prometheus.yml")["datasources"]
    board = dashboard()
    users = [*panels(), *board["templating"]["list"], *board["annotations"]["list"]]
    assert {each["datasource"]["uid"] for each in users} == {source["uid"]}


def test_the_dashboard_is_provisioned_from_its_folder():
    (provider,) = parsed(GRAFANA / "provisioning" / "dashboards" / "queueflow.yml")["providers"]
    assert provider["options"]["path"] == "/etc/grafana/dashboards"
    assert dashboard()["uid"] == "queueflow"


def test_panels_have_a_name_words_that_explain_them_and_a_unit():
    ids = [panel["id"] for panel in dashboard()["panels"]]
    assert len(ids) == len(set(ids))
    assert len({panel["title"] for panel in panels()}) == len(panels())
    for panel in panels():
        assert panel["description"], panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert not any("$__rate_interval" in target["expr"] for target in panel["targets"])


def test_no_panel_lies_on_another():
    taken: set[tuple[int, int]] = set()
    for panel in dashboard()["panels"]:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert max(x for x, _ in cells) < 24
        assert not cells & taken, panel["title"]
        taken |= cells


def test_each_variable_is_used_and_lists_values_of_a_label():
    written = " ".join(target["expr"] for panel in panels() for target in panel["targets"])
    for variable in dashboard()["templating"]["list"]:
        assert f"${variable['name']}" in written
        found = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["definition"])
        assert found is not None
        assert found[2] in of_the_installation()[found[1]]
