"""Foreign bytes among the figures of the store cost themselves: no page, no list, no scrape is without the rest."""

import pytest

from tests.monitoring.people import submit

PAGES = (
    "/", "/?part=errors", "/queues/", "/queues/mail/purge/", "/workers/", "/jobs/", "/jobs/?status=pending", "/audit/",
    "/dead-letters/", "/dead-letters/jobs/", "/operations/", "/settings/", "/charts.json?names=depth,workers",
    "/api/metrics", "/api/status", "/api/stats", "/api/queues", "/api/types", "/api/workers", "/api/dlq/groups",
    "/api/operations", "/health/ready",
)  # fmt: skip
HASHES = ("stats", "counts", "types", "paused", "paused_types", "pools", "queues", "dlq_groups", "operations")
VALUES = (b"", b"abc", b"\xff", b"1.5", b"-", b"9" * 400, b"1_0")
NAMES = (b"\xff\xfe", b"\xff|completed", b"a\n|completed", b"", b"|", b"..", b"a/../b")


def walk(client):
    """The pages that failed."""
    return [(page.status_code, path) for path in PAGES if (page := client.get(path)).status_code != 200]


@pytest.fixture
def site(api, kit, person):
    """An operator in front of an installation with a queue."""
    kit.enqueue("send", queue="mail")
    return person()


@pytest.mark.parametrize("name", HASHES)
def test_a_figure_that_is_none_is_left_out(site, kit, name):
    for number, value in enumerate(VALUES):
        kit.client.call("HSET", getattr(kit.keys, name), f"mail{number}|completed", value)
    assert walk(site) == []


@pytest.mark.parametrize("name", HASHES)
def test_a_name_that_is_none_is_left_out(site, kit, name):
    for field in NAMES:
        kit.client.call("HSET", getattr(kit.keys, name), field, b"1 1" if name == "paused_types" else b"1")
    assert walk(site) == []


def test_an_id_that_is_none_is_left_out(site, kit):
    keys = kit.keys
    for job_id in (b"\xff\xfe", b"", b"a/b", b"a\nb", b".."):
        for index in (keys.created, keys.active, keys.scheduled, keys.dlq, keys.completed, keys.pending("mail", 2)):
            kit.client.call("ZADD", index, 1, job_id)
        kit.client.call("HSET", keys.metadata, job_id, b"\xc1")
    assert walk(site) == []


def test_a_type_paused_by_foreign_bytes_is_paused_until_it_is_resumed(site, kit):
    kit.client.call("HSET", kit.keys.paused_types, "send", b"abc")
    page = site.get("/queues/")
    assert 'action="/types/send/resume/"' in page.content.decode()
    submit(site, page, "/types/send/resume/")
    assert kit.store.type_pauses.all() == {}


def test_a_type_that_climbs_out_of_its_address_has_no_button(site, kit):
    kit.client.call("HSET", kit.keys.types, "a/../../queues/mail|completed", 1)
    html = site.get("/queues/").content.decode()
    assert "a/../../queues/mail" in html
    assert 'action="/types/a/' not in html
