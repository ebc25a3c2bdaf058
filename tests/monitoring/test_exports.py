"""Lists as files: the filters and the eyes of the page, bounded, safe to open in a spreadsheet."""

import asyncio
import csv
import io
import json

import pytest
from django.test import Client, RequestFactory

from jobs.access.principal import Principal
from jobs.api import searching
from jobs.api.problems import Problem
from jobs.rights import Right
from jobs.types import Failure
from monitoring.export_form import Csv, Json, cell
from monitoring.export_place import AT_ONCE, MOST_A_PERSON, ExportPlace
from monitoring.export_sources import SOURCES
from monitoring.views import exports
from tests.monitoring.people import submit
from tests.support.jobs import failed

# The test client reads what is sent in pieces at once.
pytestmark = pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")


def sent(client, path):
    """The whole of a file, and the answer's headers."""
    answer = client.get(path)
    assert answer.status_code == 200, b"".join(answer)
    assert answer.streaming
    return b"".join(answer), answer.headers


def table(content):
    return list(csv.DictReader(io.StringIO(content.decode())))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1"])
def test_text_is_no_formula(text):
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["a=b", " =1", "", 7, 1.5, "'=1"])
def test_other_cells_stay_as_they_are(value):
    assert cell(value) == value
    assert cell(None) == ""


def test_a_cell_cannot_end_itself_or_its_line():
    form = Csv([("name", lambda item: item)])
    evil = '","=cmd|x"\r\n"=1+1'
    content = form.begin() + form.rows([evil, "=1,2"]) + form.end("")
    assert list(csv.reader(io.StringIO(content.decode(), newline=""))) == [["name"], [evil], ["'=1,2"]]


def test_json_is_one_document_however_it_is_cut_into_pieces():
    form = Json()
    pieces = [form.begin(), form.rows([]), form.rows([{"a": 1}]), form.rows([]), form.rows([{"a": 2}]), form.end("cut")]
    assert json.loads(b"".join(pieces)) == {"items": [{"a": 1}, {"a": 2}], "complete": False, "missing": "cut"}
    empty = Json()
    assert json.loads(empty.begin() + empty.rows([]) + empty.end(""))["items"] == []


def test_all_that_is_listed_is_in_the_file_once(api, kit, person):
    wanted = kit.enqueue_many(1000, queue="mail") + kit.enqueue_many(203, queue="mail")
    kit.enqueue_many(5, queue="other")
    client = person("Viewer")
    content, headers = sent(client, "/exports/jobs.csv?queue=mail&createdAfter=-1h&column=id")
    assert [row["jobId"] for row in table(content)] == wanted[::-1]
    assert headers["Content-Type"].startswith("text/csv")
    assert headers["Content-Disposition"].startswith('attachment; filename="jobs-20')
    assert headers["Cache-Control"] == "no-store"
    document = json.loads(sent(client, "/exports/jobs.json?queue=mail")[0])
    assert [item["jobId"] for item in document["items"]] == wanted[::-1]
    assert document["complete"] is True


def test_a_file_that_is_cut_says_so(api, kit, person, monkeypatch):
    monkeypatch.setattr(exports, "MOST_ROWS", 600)
    kit.enqueue_many(700)
    client = person()
    rows = table(sent(client, "/exports/jobs.csv")[0])
    assert len(rows) == 601
    assert rows[-1]["jobId"] == "# cut after 600 rows, there are more: filter by time or type to get the others"
    document = json.loads(sent(client, "/exports/jobs.json")[0])
    assert (len(document["items"]), document["complete"]) == (600, False)
    assert document["missing"].startswith("cut after 600 rows")
    assert ExportPlace.running() == 0


def test_a_file_shows_no_more_than_the_page(api, kit, person):
    worker = kit.worker()
    claim = kit.claimed(worker, queue="q", payload=b'{"password":"hunter2","sum":"=1"}')
    worker.fail([failed(claim, Failure("ValueError", "=cmd with hunter2", "", "b" * 16), final=True)])
    for kind in ("csv", "json"):
        content, _ = sent(person(name=kind), f"/exports/dead-jobs.{kind}")
        assert b"hunter2" not in content
        assert b"hunter2" in sent(person("Admin", f"root-{kind}"), f"/exports/dead-jobs.{kind}")[0]


def test_the_audit_trail_is_for_those_who_may_read_it(api, kit, person):
    kit.enqueue(queue="mail")
    client = person()
    submit(client, client.get("/queues/"), "/queues/mail/pause/")
    [row] = table(sent(client, "/exports/audit.csv?action=queue.pause")[0])
    assert (row["actor"], row["targetKind"], row["targetId"], row["status"]) == ("ada", "queue", "mail", "done")
    assert person("Viewer", "eve").get("/exports/audit.csv").status_code == 403


def test_who_may_not_look_gets_nothing(api, kit, person):
    assert Client().get("/exports/jobs.csv")["Location"].startswith("/login/")
    assert person("").get("/exports/jobs.csv").status_code == 403
    client = person("Viewer", "eve")
    assert client.get("/exports/jobs.xls").status_code == 404
    assert client.get("/exports/users.csv").status_code == 404
    assert client.post("/exports/jobs.csv").status_code in (403, 405)


def test_a_refusal_has_its_status_and_no_file(api, kit, person):
    refused = person().get("/exports/jobs.csv?type=not%20a%20type")
    assert refused.status_code == 422
    assert "Content-Disposition" not in refused


def test_searches_wait_for_those_before_them(api, kit, person, monkeypatch):
    waits = []

    async def sleep(seconds):
        waits.append(seconds)
        held.__exit__(None, None, None)

    monkeypatch.setattr(exports, "PAGE", 2)
    kit.enqueue_many(5, payload=b'"needle"')
    answer = person().get("/exports/jobs.json?q=needle")
    first, second = searching.searching(True), searching.searching(True)
    first.__enter__()
    second.__enter__()
    held = second
    monkeypatch.setattr("monitoring.views.exports.asyncio.sleep", sleep)
    document = json.loads(b"".join(answer))
    first.__exit__(None, None, None)
    assert len(document["items"]) == 5
    assert waits == [1.0]


def test_more_exports_than_a_person_may_have_are_refused(api, kit, person):
    client = person()
    held = [client.get("/exports/jobs.csv") for _ in range(MOST_A_PERSON)]  # they run until they are read or closed
    refused = client.get("/exports/jobs.csv")
    assert (refused.status_code, "2 exports of yours run already." in refused.content.decode()) == (429, True)
    assert "Content-Disposition" not in refused
    assert b"".join(held.pop())
    assert b"".join(client.get("/exports/jobs.csv")).startswith(b'"jobId"')
    held.pop().close()
    assert ExportPlace.running() == 0


def test_more_exports_than_a_process_takes_are_refused(api, kit, person):
    held = [person(name=f"ada-{number}").get("/exports/jobs.csv") for number in range(AT_ONCE)]
    assert [answer.status_code for answer in held] == [200] * AT_ONCE
    other = person("Viewer", "eve")
    refused = other.get("/exports/jobs.json")
    assert (refused.status_code, "4 exports run already, as many as may." in refused.content.decode()) == (429, True)
    held[0].close()
    assert b"".join(other.get("/exports/jobs.json")).startswith(b"{")
    for answer in held:
        answer.close()
    assert ExportPlace.running() == 0


def test_a_burst_takes_no_more_places_than_there_are(api, kit, person, monkeypatch):
    arrived = []
    gate = asyncio.Event()

    async def step(reading):
        arrived.append(reading)
        if len(arrived) == AT_ONCE:
            gate.set()
        await gate.wait()

    monkeypatch.setattr(exports._Reading, "step", step)
    requests = [request_of(f"user:{number}") for number in range(12)]

    async def burst():
        tried = [exports._begun(request, SOURCES["jobs"]) for request in requests]
        return await asyncio.gather(*tried, return_exceptions=True)

    answers = asyncio.run(burst())
    refused = [answer for answer in answers if isinstance(answer, Problem)]
    assert (len(arrived), len(refused)) == (AT_ONCE, 12 - AT_ONCE)
    assert {(problem.status, problem.headers["Retry-After"]) for problem in refused} == {(429, "10")}
    for answer in answers:
        if answer not in refused:
            answer[0].leave()
    assert ExportPlace.running() == 0


def request_of(person_id):
    """A request of somebody, as far as an export looks at it."""
    request = RequestFactory().get("/exports/jobs.csv")
    request.principal = Principal(  # type: ignore[attr-defined]
        person_id, person_id, frozenset(Right)
    )
    return request


@pytest.mark.parametrize("path", ["/exports/jobs.csv?type=not%20a%20type", "/exports/audit.csv"])
def test_a_refused_export_keeps_no_place(api, kit, person, path):
    assert person("Viewer").get(path).status_code in (403, 422)
    head = person("Viewer", "head").head("/exports/jobs.csv")
    assert head.status_code == 200
    head.close()
    assert ExportPlace.running() == 0
