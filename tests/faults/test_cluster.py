"""A primary of a cluster is lost under load: a replica takes its place, and what replicas had is not lost."""

from __future__ import annotations

import pytest

from tests.faults.failover import MODES, run


@pytest.mark.slow
def test_a_lost_primary_of_a_cluster_costs_no_job_that_a_replica_had() -> None:
    told = run("Cluster", MODES[0], how="SIGKILL", partitions=3)
    assert told.account.is_clean, told
    assert told.account.completed == told.account.accepted > 600
    assert max(told.account.pause, told.account.recovery) < told.took + 6
