"""For how long a duty has had no leader, and when that is worth a word."""

from jobs.inspection.status import maintenance_part, overall, store_part, workers_part
from jobs.store.registry import Seen, WorkerInfo

DUTIES = ("reaper", "promoter")
WORKER = WorkerInfo(id="w", incarnation="0" * 16, pool="p", host="h", pid=1, queues=(), types=(), concurrency=1)


def lead(kit, *duties):
    return [kit.keeper.lead(duty, "a", 4000) for duty in duties]


def test_a_duty_that_is_led_is_not_vacant(kit):
    lead(kit, *DUTIES)
    assert kit.keeper.vacancies(DUTIES) == {}
    assert maintenance_part(kit.store, DUTIES).status == "healthy"


def test_a_fresh_installation_has_fifteen_seconds_to_find_leaders(kit):
    assert maintenance_part(kit.store, DUTIES).status == "healthy"
    kit.advance(14_000)
    part = maintenance_part(kit.store, DUTIES)
    assert (part.status, part.detail) == ("healthy", "a leader is about to take: reaper, promoter")
    kit.advance(1_000)
    part = maintenance_part(kit.store, DUTIES)
    assert part.status == "degraded"
    assert part.detail.startswith("no maintenance process has run for 15 s")


def test_a_hand_over_is_no_trouble_until_it_takes_too_long(kit):
    [token, _] = lead(kit, *DUTIES)
    kit.advance(60_000)
    lead(kit, *DUTIES)  # a renewal counts as well as a new term
    kit.keeper.resign("reaper", token)
    kit.advance(14_000)
    assert maintenance_part(kit.store, DUTIES).status == "healthy"
    kit.advance(2_000)
    part = maintenance_part(kit.store, DUTIES)
    assert (part.status, part.detail) == ("degraded", "nobody is in charge of: reaper (for 16 s)")
    lead(kit, "reaper")
    assert maintenance_part(kit.store, DUTIES).status == "healthy"


def test_a_candidate_that_is_refused_does_not_count_as_a_leader(kit):
    kit.keeper.lead("reaper", "a", 60_000)
    before = kit.client.call("HGET", kit.keys.led, "reaper")
    kit.advance(5_000)
    assert kit.keeper.lead("reaper", "b", 60_000) == ""
    assert kit.client.call("HGET", kit.keys.led, "reaper") == before


def test_what_passed_before_the_server_started_does_not_count(kit):
    kit.client.call("HSET", kit.keys.led, "reaper", "1")
    uptime = 1000 * int(kit.client.call("INFO", "server").split(b"uptime_in_seconds:")[1].split(b"\r")[0])
    assert uptime <= kit.keeper.vacancies(["reaper"])["reaper"] <= uptime + 2000


def test_only_critical_parts_make_the_whole_unhealthy(kit):
    nobody, somebody = workers_part([], {}), workers_part([Seen(WORKER, 0, True)], {})
    assert (nobody.status, somebody.status) == ("unhealthy", "healthy")
    assert workers_part([], {"default": 0}).status == "degraded"
    assert workers_part([Seen(WORKER, 0, False)], {"default": 2}).status == "unhealthy"
    assert overall([store_part(kit.store), somebody]) == "healthy"
    assert overall([store_part(kit.store), nobody]) == "unhealthy"
    assert overall([store_part(kit.store), nobody], {"store"}) == "degraded"
