"""Lists of queues, job types and workers: a page at a time, what needs attention first, found by name."""

import re

import pytest
from django.http import QueryDict
from msgspec.structs import replace

from jobs.store.registry import WorkerInfo
from monitoring.excerpt import ROWS, Names, excerpt

WORKER = WorkerInfo(
    id="w", incarnation="0" * 16, pool="default", host="h", pid=1, queues=("default",), types=(), concurrency=5
)


def of(address, rows=range(120), **options):
    return excerpt([f"row-{each:03d}" for each in rows], QueryDict(address), str, **options)


def keys(page, table="queues"):
    """The keys of the rows of the first table, or of another one."""
    part = page.content.decode().partition(f'id="{table}"')[2].partition("</section>")[0]
    return re.findall(r'<tr[^>]* data-key="([^"]+)"', part)


def beat(kit, **changes):
    kit.store.registry.heartbeat(replace(WORKER, **changes))


def test_pages_hold_every_row_once():
    pages = [of(f"page={number}") for number in (1, 2, 3)]
    assert [row for page in pages for row in page.rows] == [f"row-{each:03d}" for each in range(120)]
    assert [page.words for page in pages] == ["1–50 of 120", "51–100 of 120", "101–120 of 120"]
    assert [(page.before, page.after) for page in pages] == [("", "?page=2"), ("?", "?page=3"), ("?page=2", "")]
    assert [page.is_live for page in pages] == [True, False, False]


@pytest.mark.parametrize(
    ("number", "first"), [("", 1), ("0", 1), ("-2", 1), ("x", 1), ("٣", 1), ("9", 101), ("9" * 30, 1)]
)
def test_a_page_that_is_not_there_is_the_nearest(number, first):
    assert of(f"page={number}").first == first


def test_a_name_finds_its_rows_whatever_their_case():
    found = of("name= ROW-11 &types=2&type=mail", names=Names(), anchor="#rows")
    assert found.rows == [f"row-{each}" for each in range(110, 120)]
    assert (found.words, found.is_live, found.is_whole) == ("10 of 120 match", False, False)
    assert found.bare == "?types=2&type=mail#rows"
    assert found.others == [("types", "2"), ("type", "mail")]
    many = of("name=row-&page=2")
    assert (many.words, many.after) == ("51–100 of 120 that match", "?name=row-&page=3")
    assert of("name=nothing").rows == []


def test_few_rows_need_no_pages():
    assert (of("", range(3)).words, of("", range(3)).is_whole) == ("3", True)
    assert of("", ()).rows == []


def test_queues_come_a_page_at_a_time_the_longest_wait_first(api, kit, person):
    kit.advance(-60_000)
    kit.enqueue(queue="first")
    kit.advance(60_000)
    for number in range(ROWS + 10):
        kit.enqueue(queue=f"queue-{number:02d}", type=f"type-{number:02d}")
    beat(kit, queues=("first", *(f"queue-{number:02d}" for number in range(ROWS + 10))))
    client = person()
    first, second = client.get("/queues/"), client.get("/queues/?page=2")
    shown, rest = keys(first), keys(second)
    assert (shown[0], len(shown), len(rest)) == ("first", ROWS, 12)
    assert len({*shown, *rest}) == ROWS + 12  # with the default one
    assert "1–50 of 62" in first.content.decode()
    assert 'data-live-rows="queues"' in first.content.decode()
    assert 'data-live-rows="queues"' not in second.content.decode()
    assert 'href="?page=2"' in first.content.decode()


def test_a_queue_and_a_type_are_found_by_name_side_by_side(api, kit, person):
    for name in ("mail", "mailbox", "etl"):
        kit.enqueue(queue=name, type=f"type-{name}")
        kit.type_pauses.pause(f"type-{name}")
    page = person().get("/queues/?name=mail&type=etl")
    assert keys(page) == ["mail", "mailbox"]
    assert keys(page, "types") == ["type-etl"]
    assert '<input type="hidden" name="type" value="etl">' in page.content.decode()
    nothing = person(name="bob").get("/queues/?name=<b>&type=<i>").content.decode()
    assert "No queue has “&lt;b&gt;” in its name." in nothing
    assert "No type has “&lt;i&gt;” in its name." in nothing


def test_what_a_page_asks_again_is_its_list_alone(api, kit, person):
    kit.enqueue(queue="mail")
    beat(kit, id="w")
    client = person()
    queues = client.get("/queues/?name=mail", headers={"HX-Target": "queues"}).content.decode()
    assert queues.startswith('<section class="card" id="queues"')
    assert 'hx-get="/queues/?name=mail"' in queues
    workers = client.get("/workers/?name=w", headers={"HX-Target": "workers"}).content.decode()
    assert workers.startswith('<section class="card" id="workers"')


def test_lost_workers_come_first_then_those_that_drain(api, kit, person):
    kit.advance(-60_000)
    beat(kit, id="a-lost")
    kit.advance(60_000)
    for number in range(ROWS):
        beat(kit, id=f"b-{number:02d}", pool="mail" if number == 7 else "default")
    beat(kit, id="c-drains", status="draining")
    client = person()
    page = client.get("/workers/")
    assert keys(page, "workers")[:3] == ["a-lost", "c-drains", "b-00"]
    assert len(keys(page, "workers")) == ROWS
    assert keys(client.get("/workers/?page=2"), "workers") == ["b-48", "b-49"]
    assert keys(client.get("/workers/?name=MAIL"), "workers") == ["b-07"]


def test_many_pools_are_named_in_part(api, kit, person):
    for number in range(15):
        beat(kit, id=f"w-{number}", pool=f"pool-{number:02d}")
    page = person().get("/workers/").content.decode()
    assert page.count("<dt>Pool ") == 12
    assert "And 3 more pools" in page


def test_a_page_stays_small_however_many_rows_there_are(api, kit, person):
    for number in range(300):
        kit.enqueue(queue=f"queue-{number}")
        beat(kit, id=f"worker-{number}", queues=tuple(f"queue-{each}" for each in range(20)))
    client = person()
    assert all(len(client.get(path).content) < 200 * 1024 for path in ("/queues/", "/workers/", "/"))
