"""One sentence over everything: what is wrong first, with how many jobs wait and since when."""

from msgspec.structs import replace

from jobs.inspection.figures import QueueLine
from jobs.inspection.status import InstallationStatus, Part, WorkerState
from jobs.store.reader import Group
from monitoring.causes import QueueFacts, cause_of
from monitoring.deaths import Deaths
from monitoring.headline import headline_of
from monitoring.queue_row import QueueRow

WELL = (Part(name="store", status="healthy"), Part(name="workers", status="healthy", detail="2 alive"))


def status(*parts, active=0, pending=0, dead=0, workers=2):
    return InstallationStatus(
        status="unhealthy" if any(part.status == "unhealthy" for part in parts) else "healthy",
        parts=[*WELL, *parts],
        workers=[WorkerState(id=f"w{number}", status="idle", processed=0) for number in range(workers)],
        jobs={"active": active, "pending": pending, "dead": dead},
        paused_queues=[],
        release="",
        at="2026-01-01T00:00:00Z",
    )


def row(name, *, pending=0, oldest_ms=0, workers=2, **others):
    facts = QueueFacts(waiting=pending, oldest_ms=oldest_ms, workers=workers, executions=50, **others)
    depth = {"high": 0, "normal": pending, "low": 0}
    line = QueueLine(
        name=name, paused=facts.paused, depth=depth, pending=pending, held=0, scheduled=0, retrying=0, active=0, dead=0,
        oldest_age=oldest_ms, in_per_second=0.0, out_per_second=0.0,
    )  # fmt: skip
    return QueueRow(line, workers, 5 * workers, cause_of(facts))


def backlog(*, oldest_ms, arriving=50.0, **others):
    facts = QueueFacts(waiting=12_000, oldest_ms=oldest_ms, workers=2, arriving=arriving, leaving=50.0, **others)
    line = replace(row("mail", pending=12_000, oldest_ms=oldest_ms).queue, in_per_second=arriving, out_per_second=50.0)
    return QueueRow(line, 2, 10, cause_of(facts))


def died(count, summary):
    return Deaths("f" * 16, count, Group(count, 0, 0, "job-1", summary, ["charge-card"]))


def said(state, *rows, deaths=()):
    headline = headline_of(state, rows, deaths)
    return headline.health, headline.sentence


def test_an_installation_that_is_well_says_who_works_on_how_much():
    assert said(status(active=1200), row("mail")) == ("healthy", "All is well: 2 workers, 1,200 jobs active.")
    assert said(status(workers=1)) == ("healthy", "All is well: 1 worker, no job waiting.")
    assert said(status(pending=7))[1] == "All is well: 2 workers, 7 jobs waiting."


def test_where_jobs_are_dead_not_all_is_well():
    assert said(status(dead=3067)) == ("healthy", "No trouble now: 2 workers, no job waiting; 3,067 dead.")


def test_a_queue_that_nobody_serves_is_named_with_since_when():
    told = said(status(), row("invoices", pending=1204, oldest_ms=840_500, workers=0))
    assert told == ("degraded", "No worker serves invoices: 1,204 jobs waiting, the oldest for 14 min.")


def test_without_any_worker_the_workers_are_named_and_not_each_queue():
    gone = Part(name="workers", status="unhealthy", detail="no worker is alive: jobs wait")
    told = said(status(gone, workers=0), row("mail", pending=1, oldest_ms=9000, workers=0))
    assert told == ("unhealthy", "No worker is alive: jobs wait.")


def test_a_paused_queue_is_named():
    assert said(status(), row("mail", paused=True)) == ("degraded", "Queue mail is paused.")
    assert said(status(), row("mail", paused=True, pending=1))[1] == "Queue mail is paused: 1 job waiting."


def test_a_queue_whose_jobs_fail_is_named():
    told = said(status(), row("mail", pending=7, oldest_ms=60_000, failures=49))
    assert told == ("degraded", "98 % of executions of mail fail: 7 jobs waiting, the oldest for 1 min.")
    assert said(status(), row("mail", failures=50)) == ("degraded", "100 % of executions of mail fail.")


def test_a_dependency_that_jobs_wait_for_is_named():
    told = said(status(), row("mail", waits_for={("send", "smtp")}))
    assert told == ("degraded", "In mail jobs are put off, no attempt spent: send waiting for smtp.")


def test_jobs_that_have_just_died_are_counted_with_the_name_of_their_error():
    told = said(status(), deaths=[died(12_000, "PaymentDeclined: card 4111 expired")])
    assert told == ("degraded", "12,000 jobs died in the last 5 minutes: PaymentDeclined.")
    several = [died(900, "TimeoutError"), died(100, "db.Gone: x"), died(60, "TimeoutError: y")]
    assert said(status(), deaths=several)[1] == "1,060 jobs died in the last 5 minutes: TimeoutError and others."
    assert said(status(), deaths=[died(50, "no name at all")])[1].endswith("minutes: see their errors.")


def test_what_fails_comes_before_what_died_and_that_before_what_somebody_paused():
    told = said(status(), row("a", paused=True), row("b", failures=50), deaths=[died(50, "Gone: x")])
    assert told[1] == ("100 % of executions of b fail; 50 jobs died in the last 5 minutes: Gone; queue a is paused.")


def test_of_many_troubles_the_first_three_are_told():
    rows = [row(name, paused=True) for name in ("a", "b", "c", "d", "e")]
    assert said(status(), *rows)[1] == "Queue a is paused; queue b is paused; queue c is paused; and 2 more."


def test_a_backlog_is_no_trouble_while_it_is_young_and_shrinks():
    assert said(status(), backlog(oldest_ms=59_999, arriving=10.0))[0] == "healthy"


def test_a_backlog_is_told_of_from_the_goal_on_and_a_minute_without_one():
    told = said(status(), backlog(oldest_ms=60_000, arriving=10.0))
    assert told == ("degraded", "In mail 12,000 jobs wait, the oldest for 1 min: cleared in 5 min.")
    young = backlog(oldest_ms=30_000, arriving=10.0)
    assert headline_of(status(), [young], (), 30_000).health == "degraded"
    assert headline_of(status(), [young], (), 30_001).health == "healthy"


def test_a_backlog_that_grows_is_told_of_at_once():
    told = said(status(), backlog(oldest_ms=5_000, arriving=80.0))
    assert told == (
        "degraded",
        "In mail 12,000 jobs wait, the oldest for 5.0 s: more come in (80/s) than go out (50/s).",
    )
    assert said(status(), backlog(oldest_ms=5_000))[1].endswith("as many come in as go out (50/s).")
    assert said(status(), backlog(oldest_ms=4_999))[0] == "healthy"


def test_a_backlog_says_what_holds_it_up():
    slow = {"arriving": 80.0, "mean_ms": 4100.0, "usual_ms": 900.0}
    why = "more come in (80/s) than go out (50/s), a job takes 4.1 s, usually 900 ms"
    assert said(status(), backlog(oldest_ms=5_000, **slow))[1].endswith(f": {why}.")
    limit = {"at_most": True, "slots": 10, "busy": 10, "arriving": 0.0}
    why = "all 10 slots are busy and the pool has its most workers"
    assert said(status(), backlog(oldest_ms=240_000, **limit))[1].endswith(f"the oldest for 4 min: {why}.")
    sudden = backlog(oldest_ms=60_000, rated=False, slots=10)
    assert said(status(), sudden)[1].endswith("for 1 min: more came in at once than 10 slots can run.")


def test_a_breaker_that_is_open_is_trouble_by_itself():
    words = "the breaker store:1 is open (timeout)"
    headline = headline_of(status(), [], breakers=words)
    assert (headline.health, headline.sentence) == ("degraded", "The breaker store:1 is open (timeout).")
    headline = headline_of(status(Part(name="outbox", status="unhealthy", detail="it is full")), [], breakers=words)
    assert (headline.health, headline.sentence) == ("unhealthy", f"It is full; {words}.")
