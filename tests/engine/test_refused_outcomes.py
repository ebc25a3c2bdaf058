"""Outcomes that the store, or what stands before it, refuses for a while."""

from __future__ import annotations

from jobs.worker.postponed import LONGEST, LONGEST_WAIT, Postponed
from tests.engine.parts import held
from tests.engine.pools import Pool
from tests.engine.stage import Stage, result
from tests.support.polling import wait_until


def test_a_job_whose_outcome_is_refused_for_a_while_is_completed_by_its_only_run(
    module_stage: Stage, running_pool: Pool
) -> None:
    client, results = module_stage.store.client, module_stage.store.keys.result
    module_stage.run("echo", 0)
    client.call("RENAME", results, "kept")
    client.call("SET", results, "no hash")
    only = module_stage.enqueue("echo", 1, max_retries=0)
    wait_until(lambda: '"the store refuses"' in running_pool.output)
    module_stage.await_completed([module_stage.enqueue("noop")])
    client.call("RENAME", "kept", results)
    job = module_stage.settled(only)
    assert (result(job), job.record and job.record.executions) == (1, 1)


def test_an_outcome_is_brought_ever_more_seldom_and_given_up_after_two_minutes() -> None:
    now = [1000.0]
    postponed, job = Postponed(lambda: now[0]), held()
    assert postponed.wait == float("inf")
    tries = 0
    while postponed.put(job):
        assert postponed.due() == []
        assert 0 < postponed.wait <= LONGEST_WAIT
        now[0] += postponed.wait
        assert postponed.due() == [job]
        tries += 1
    assert LONGEST <= now[0] - 1000 <= LONGEST + LONGEST_WAIT
    assert 10 < tries < 30
    assert (len(postponed), postponed.due()) == (0, [])


def test_what_is_taken_is_not_brought_again() -> None:
    postponed, job = Postponed(), held()
    assert postponed.put(job)
    postponed.forget(job)
    assert (len(postponed), postponed.wait) == (0, float("inf"))
