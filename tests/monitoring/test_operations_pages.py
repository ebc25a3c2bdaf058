"""Pages of bulk operations: the count first, started once, followed, aborted."""

import re

import pytest

from jobs.filtering import JobFilter
from jobs.models import AuditEntry
from jobs.redaction import MASK
from jobs.store.operation import Action
from jobs.types import Failure
from tests.monitoring.people import submit
from tests.support.jobs import failed

BOOM = Failure("ValueError", "<b>boom</b>", "", "b" * 16)


@pytest.fixture
def dead(kit):
    """Three jobs of type mail that died of one error."""
    worker = kit.worker()
    claims = [kit.claimed(worker, type="mail", queue="q") for _ in range(3)]
    worker.fail([failed(claim, BOOM, final=True) for claim in claims])
    return [claim.id for claim in claims]


def fields(page):
    return re.findall(r'<input type="hidden" name="(scope|action|key|error|ids|type)" value="([^"]*)"', page)


def test_a_retry_asks_with_the_count_first_and_is_followed(api, kit, dead, person, maintenance):
    client = person()
    page = client.get(f"/operations/new/?scope=dlq&action=retry&error={BOOM.fingerprint}")
    html = page.content.decode()
    assert "<h1>Retry 3 jobs</h1>" in html
    assert "error: <b>ValueError: &lt;b&gt;boom&lt;/b&gt;</b> · mail" in html
    assert kit.states(dead)[0].label == "dead"
    form = dict(fields(html)) | {"rate": "50", "reason": "a fix is out", "queueTo": "slow"}
    started = submit(client, page, "/operations/start/", **form)
    assert "at most 50/s" in started.content.decode()
    assert 'data-refresh="1000"' in started.content.decode()
    maintenance()
    [(path, _)] = started.redirect_chain
    over = client.get(f"{path}?part=live").content.decode()
    assert "<b>3</b> done of 3" in over
    assert 'data-refresh="3000"' in over  # what becomes of the jobs goes on
    assert {kit.record(job_id).queue for job_id in dead} == {"slow"}
    entry = AuditEntry.objects.get(action="dlq.operation")
    assert (entry.actor, entry.reason) == ("ada", "a fix is out")
    listed = client.get("/operations/").content.decode()
    assert path in listed
    assert f"error: <b>ValueError: {MASK}</b> · mail" in listed  # its job is dead no more: only the class is sure
    assert "bbbbbbbbbbbbbbbb</span>" in listed


def test_a_button_pressed_twice_starts_one_operation(api, kit, dead, person):
    client = person()
    page = client.get("/operations/new/?scope=dlq&action=retry&type=mail")
    form = dict(fields(page.content.decode()))
    first = submit(client, page, "/operations/start/", **form)
    second = submit(client, page, "/operations/start/", **form)
    assert first.redirect_chain == second.redirect_chain
    assert len(kit.store.operations.latest(10)) == 1


def test_chosen_jobs_are_deleted(api, kit, dead, person, maintenance):
    client = person("Admin")
    page = submit(client, client.get("/"), "/operations/new/", scope="dlq", action="delete", ids=dead[:2])
    html = page.content.decode()
    assert "Delete 2 jobs</button>" in html
    form = {"scope": "dlq", "action": "delete", "ids": [value for name, value in fields(html) if name == "ids"]}
    submit(client, page, "/operations/start/", **form)
    maintenance()
    assert [state and state.label for state in kit.states(dead)] == [None, None, "dead"]


def test_chosen_jobs_that_went_meanwhile_do_not_count_and_are_told(api, kit, dead, person, maintenance):
    client = person("Admin")
    kit.operator.delete(dead[1:2])
    form = {"scope": "dlq", "action": "retry", "ids": dead[:2]}
    page = submit(client, client.get("/"), "/operations/new/", **form)
    assert "<h1>Retry 1 job</h1>" in page.content.decode()
    [(path, _)] = submit(client, page, "/operations/start/", **form).redirect_chain
    maintenance()
    over = client.get(f"{path}?part=live").content.decode()
    assert '<progress max="100" value="100"' in over
    assert '<b>1</b> done, <b class="error">1</b> could not be of 2 chosen' in over
    assert '<span class="soft"> of 1</span>' in client.get("/operations/").content.decode()


def test_an_operation_is_aborted(api, kit, dead, person, maintenance):
    client = person()
    page = client.get("/operations/new/?scope=dlq&action=retry")
    assert "Every dead job." in page.content.decode()
    started = submit(client, page, "/operations/start/", scope="dlq", action="retry", rate="0.001")
    [(path, _)] = started.redirect_chain
    submit(client, started, f"{path}abort/")
    maintenance()
    assert "Aborted by ada" in client.get(path).content.decode()


NO_RATES = ("fast", "-1", "nan", "inf", "1e400", "1_000", "٣")


@pytest.mark.parametrize(
    ("field", "value"), [*(("rate", each) for each in NO_RATES), ("queueTo", "No Queue"), ("q", "x" * 201)]
)
def test_what_is_wrong_is_said_on_the_form(api, kit, dead, person, field, value):
    client = person()
    page = client.get("/operations/new/?scope=dlq&action=retry&type=mail")
    refused = submit(client, page, "/operations/start/", scope="dlq", action="retry", type="mail", **{field: value})
    assert refused.status_code == 422
    assert 'role="alert"' in refused.content.decode()
    assert kit.store.operations.latest(10) == []


def test_who_may_only_look_starts_nothing(api, kit, dead, person):
    client = person("Viewer")
    assert client.get("/operations/new/?scope=dlq&action=retry&type=mail").status_code == 403
    form = {"scope": "dlq", "action": "retry", "type": "mail"}
    assert submit(client, client.get("/"), "/operations/start/", **form).status_code == 403
    assert kit.store.operations.latest(10) == []


def test_pages_without_anything_to_show_say_what_will_be_here(api, person):
    client = person("Viewer")
    assert "Nobody has acted on many jobs" in client.get("/operations/").content.decode()
    assert client.get("/operations/nothing/").status_code == 404
    assert client.get("/operations/new/?action=explode", follow=True).redirect_chain


def test_lists_of_operations_go_on(api, kit, person):
    client = person()
    for _ in range(30):
        kit.store.operations.open(Action.DELETE, JobFilter(ids=("a",)))
    first = client.get("/operations/").content.decode()
    [cursor] = re.findall(r'href="\?cursor=([^"]+)"', first)
    second = client.get(f"/operations/?cursor={cursor}").content.decode()
    ids = [re.findall(r'<tr data-key="(\w+)"', html) for html in (first, second)]
    assert [len(each) for each in ids] == [25, 5]
    assert not set(ids[0]) & set(ids[1])


def test_the_list_tells_by_itself_how_far_they_are(api, kit, dead, person, maintenance):
    client = person()
    page = client.get("/operations/new/?scope=dlq&action=retry&type=mail")
    submit(client, page, "/operations/start/", **dict(fields(page.content.decode())))
    going_on = client.get("/operations/").content.decode()
    assert 'id="operations" hx-get="/operations/" hx-trigger="refresh"' in going_on
    assert 'data-refresh="1000" data-refresh-at-rest' in going_on
    assert '0<span class="soft"> of 3</span>' in going_on
    maintenance()
    part = client.get("/operations/", headers={"HX-Request": "true", "HX-Target": "operations"}).content.decode()
    assert part.startswith('<div class="stack-4" id="operations"')
    assert 'data-refresh="3000"' in part
    assert '3<span class="soft"> of 3</span>' in part


def test_an_error_is_named_wherever_its_fingerprint_is_asked_for(api, kit, dead, person):
    client = person("Admin")
    error = f"error={BOOM.fingerprint}"
    name = "ValueError: &lt;b&gt;boom&lt;/b&gt;"
    for address in (f"/operations/new/?scope=dlq&action=delete&{error}", f"/operations/new/?action=retry&{error}"):
        html = client.get(address).content.decode()
        assert f'error: <b>{name}</b> · mail <span class="mono small soft">{BOOM.fingerprint}</span>' in html
    for address in (f"/dead-letters/jobs/?{error}", f"/jobs/?{error}"):
        html = client.get(address).content.decode()
        assert f'title="{name} ({BOOM.fingerprint})">error: {name}</span>' in html
    unknown = client.get(f"/operations/new/?scope=dlq&action=retry&error={'f' * 16}").content.decode()
    assert f"error: {'f' * 16}</span>" in unknown
