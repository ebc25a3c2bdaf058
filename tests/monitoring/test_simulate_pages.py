"""Simulations from the page: the form, what it refuses, the progress, the table and the curves."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from jobs.store.simulation import Simulation
from tests.monitoring.people import submit
from tests.monitoring.scaling_fixtures import words
from tests.support.polling import wait_until

HERE = "/scaling/default/simulate/"
TRACE = b"seconds,arrivals_per_second\n0,1\n60,4\n120,1\n180,1\n200,nan\n"
SHORT = {"source": "trace", "peak": "4", "service": "1 s", "startup": "1 s", "maximum": "10"}


@pytest.fixture
def pool(api, kit):
    """Give a pool that is there."""
    kit.store.registry.set_desired("default", 1)
    return kit


def file(content: bytes = TRACE) -> SimpleUploadedFile:
    """A file that somebody chooses."""
    return SimpleUploadedFile("load.csv", content, "text/csv")


def is_over(client, address: str) -> bool:
    """Whether the page of a simulation is told to load anew instead of being sent its progress."""
    answer = client.get(address, headers={"HX-Request": "true", "HX-Target": "progress"})
    return bool(answer.headers.get("HX-Refresh") == "true")


def test_a_trace_is_replayed_and_shown_as_a_table_and_as_curves(pool, person):
    client = person("Admin")
    form = client.get(HERE)
    assert 'value="latency_target" checked' in form.content.decode()
    page = submit(client, form, HERE, **SHORT, strategy=["latency_target", "hpa"], file=file())
    address = page.redirect_chain[-1][0]
    assert re.fullmatch(rf"{HERE}\w+/", address)
    wait_until(lambda: is_over(client, address), 20)
    page = client.get(address)
    assert re.search(r"\d+ jobs of the trace load\.csv, 4 min of load", words(page))
    assert "Mended in the load: load.csv: 1 row left out that cannot be true." in words(page)
    assert re.findall(r'name="show" value="([^"]+)"', page.content.decode()) == ["static", "latency_target", "hpa"]
    drawn = re.findall(r'name="show" value="([^"]+)" checked', page.content.decode())
    assert drawn == ["latency_target", "hpa"]
    found = client.get(f"{address}curves.json?show=hpa").json()
    assert set(found["series"]["sim-workers"]) == {"s0"}
    assert len(found["t"]) == len(found["series"]["sim-workers"]["s0"]) == len(found["series"]["sim-load"]["load"])
    viewer = person("Viewer", "bob")
    assert "HPA" in words(viewer.get(address))
    assert viewer.get(HERE).status_code == 403


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"source": "days", "days": "2"}, "too little is recorded"),
        ({"source": "days", "days": "31"}, 'id="e-days"'),
        ({"source": "example:nothing"}, 'id="e-source"'),
        ({"source": "trace"}, "e-source"),
        ({"source": "example:step", "strategy": []}, 'id="e-strategies">choose at least 1<'),
        ({"source": "example:step", "strategy": ["no_such"]}, "No scaling strategy"),
        ({"source": "example:step", "goal": "soon"}, 'id="e-goal"'),
        ({"source": "example:step", "minimum": "9", "maximum": "3"}, "minimum"),
        ({"source": "example:step", "day": "1"}, 'id="e-day">the load has day 0 only<'),
        ({"source": "example:step", "day": "first"}, 'id="e-day"'),
        ({"source": "example:step", "cv": "11"}, 'id="e-cv"'),
    ],
)
def test_what_cannot_be_simulated_is_said_at_its_field(pool, person, fields, said):
    client = person("Admin")
    page = submit(client, client.get(HERE), HERE, **{"strategy": ["hpa"], **fields})
    assert page.status_code == 422
    assert said in page.content.decode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "0 rows that can be used"),
        (b"\xff\xfe\x00", "0 rows"),
        (b"seconds,arrivals_per_second\n0,nan\n", "0 rows that can be used and 1 row that cannot"),
        (b"<script>\n", "0 rows"),
        (b"seconds\n" + b"1\n" * 120_000, "it has 120,002 lines; at most 100,000 are read"),
        (b"\x00" * 4_000_000, "give at most 1000000 characters"),
    ],
)
def test_a_file_that_is_no_trace_is_refused_in_words(pool, person, content, said):
    client = person("Admin")
    page = submit(client, client.get(HERE), HERE, source="trace", strategy="hpa", file=file(content))
    assert page.status_code == 422
    assert re.search(f'id="e-source">[^<]*{said}', page.content.decode())
    assert "<script>\n" not in page.content.decode()


def test_a_day_of_a_file_is_asked_for_as_the_command_does(pool, person):
    client = person("Admin")
    rows = [f"{hour * 3600},{0 if hour < 24 else 0.01}" for hour in range(36)]
    content = "\n".join(["seconds,arrivals_per_second", *rows]).encode()
    shape = {"day": "1", "smooth": "yes", "scheduled": "yes", "cv": "0"}
    page = submit(client, client.get(HERE), HERE, **SHORT, **shape, strategy=["hpa"], file=file(content))
    address = page.redirect_chain[-1][0]
    wait_until(lambda: is_over(client, address), 30)
    said = words(client.get(address))
    assert re.search(r"\d jobs of the trace load\.csv, day 1, smooth, seen coming, 12 h of load", said)
    page = submit(client, client.get(HERE), HERE, source="trace", day="0", strategy="hpa", file=file(content))
    assert re.search('id="e-source">[^<]*load.csv has no arrivals at all', page.content.decode())
    assert 'name="day" value="0"' in page.content.decode()


def test_a_simulation_is_aborted(pool, person):
    client = person("Admin")
    fields = {"source": "example:day", "peak": "100", "strategy": ["latency_target", "hpa", "default"]}
    page = submit(client, client.get(HERE), HERE, **fields)
    address = page.redirect_chain[-1][0]
    assert "Replaying the example day against 3 strategies" in words(page)
    page = submit(client, page, f"{address}abort/")
    assert "It was aborted." in words(page)


def test_there_is_no_page_of_a_simulation_that_is_none(pool, person):
    client = person("Admin")
    for address in (f"{HERE}none/", f"{HERE}none/curves.json", "/scaling/nowhere/simulate/"):
        assert client.get(address).status_code == 404


def test_past_simulations_are_listed_with_what_was_asked_and_their_state(pool, person):
    client = person("Admin")
    assert "Simulations of the last day" not in words(client.get(HERE))
    told = Simulation(
        id="s1",
        pool="default",
        source="the last 7 days",
        strategies=("hpa", "default"),
        started_by="bob",
        created=pool.reader.now_ms(),
    )
    assert pool.store.simulations.open(told)
    pool.client.call("HSET", pool.keys.simulations[0], "s2", b"{")
    page = client.get(HERE)
    assert f'<a href="{HERE}s1/">The last 7 days</a>' in page.content.decode()
    assert "running 0 % hpa, default bob" in words(page)
    assert "What is kept of 1 simulation cannot be read: s2" in words(page)
    pool.client.call("DEL", pool.keys.simulations[0])
    pool.client.call("SET", pool.keys.simulations[0], "foreign")
    page = client.get(HERE)
    assert (page.status_code, "does not hold its kind of data" in words(page)) == (200, True)
    assert "Run the simulation" in words(page)
