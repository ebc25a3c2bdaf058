"""What `make test` leaves to `make test-all`, run before a release: minutes for cases that others are near."""

from __future__ import annotations

from typing import Final

TAB: Final = (
    "tests/e2e/test_pages.py::test_the_tab_key_skips_to_the_content_or_goes_through_the_page_and_shows_where_it_is"
)
# Beginnings of test ids. Whatever stands here has a shorter relative in `make test`.
THOROUGH: Final = (
    "tests/api/test_simulate.py::test_one_that_is_aborted_ends_its_process",
    "tests/api/test_simulate.py::test_a_simulation_ends_with_the_rows",  # tests/e2e/test_scaling.py
    "tests/api/test_spoilt_store.py",  # tests/monitoring/test_spoilt_store.py
    "tests/cli/test_terminal.py",
    "tests/client/test_endless_answers.py",  # tests/client/test_trouble.py
    "tests/contract/test_schemathesis.py::test_a_key_of_one_scope",  # tests/api/test_rules.py
    "tests/contract/test_schemathesis.py::test_an_admin_finds_nothing_wrong_however",
    "tests/e2e/test_charts.py::test_a_chart_moves",  # tests/e2e/test_live.py
    "tests/e2e/test_crowded.py",
    "tests/e2e/test_dead_letter_group.py::test_a_group_of_5000",
    "tests/e2e/test_injection.py::test_what_jobs_carry_is_text_on_a_page[Viewer",  # as for an admin
    "tests/e2e/test_job.py::test_the_time_until_a_retry",
    "tests/e2e/test_pages.py::test_a_page_is_whole_for_a_role_in_every_look[Operator",  # as for a viewer
    *(f"{TAB}[{page}" for page in ("jobs-of", "job-active", "job-completed", "job-dead")),  # as on the others of a kind
    "tests/e2e/test_without_scripts.py",  # tests/e2e/test_pages.py
    "tests/engine/partitions/test_losses.py::test_a_killed_worker_costs",
    "tests/engine/partitions/test_outages.py",  # tests/store/partitions
    "tests/engine/test_held_interpreters.py::test_a_job_that_was_looked_at",
    "tests/engine/test_held_interpreters.py::test_a_look_disturbs",
    "tests/engine/test_held_interpreters.py::test_a_pattern_that_backtracks",
    "tests/engine/test_held_interpreters.py::test_a_pool_that_drains",
    "tests/engine/test_held_interpreters.py::test_a_very_deep_stack",
    "tests/engine/test_held_interpreters.py::test_a_worker_that_is_a_program",
    "tests/engine/test_held_interpreters.py::test_the_right_one_of_two_pools",
    "tests/engine/test_pool.py::test_a_worker_that_cannot_drain",
    "tests/faults/test_frozen_processes.py::test_an_idle_worker",
    "tests/faults/test_frozen_processes.py::test_maintenance_that_stands_still",  # tests/scaling/live/test_processes.py
    "tests/faults/test_killed_workers.py",  # a scenario of tests/faults/test_scenarios.py
    "tests/faults/test_leftovers.py",
    "tests/faults/test_network.py::test_a_slow_network",  # the same
    "tests/faults/test_network.py::test_connections_that_break",  # the same
    "tests/monitoring/test_foreign_figures.py",  # tests/monitoring/test_spoilt_store.py
    "tests/monitoring/test_foreign_instants.py",  # the same
    "tests/monitoring/test_live_flow.py::test_who_never_acknowledges",
    "tests/monitoring/test_live_lists.py",  # tests/e2e/test_lists.py
    "tests/monitoring/test_live_refusals.py::test_who_may_look_no_longer",
    "tests/monitoring/test_saved_views_odd.py",
    "tests/perf/test_fill.py",
    "tests/scaling/live/test_processes.py::test_a_pool_that_starts_without",
    "tests/scaling/live/test_processes.py::test_leaders_killed_within",
    "tests/scaling/live/test_processes.py::test_two_hosts_share",
    "tests/security/test_start.py::test_what_is_safe_starts",
    "tests/unit/test_redaction_work.py",
    "tests/up/test_idle.py",
    "tests/up/test_up.py::test_the_end_of_the_terminal",
    "tests/up/test_up.py::test_a_second_signal",
    "tests/web/test_ending.py::test_a_second_signal",
    "tests/web/test_ending.py::test_the_deadline_holds",
    "tests/web/test_slow_clients.py",
)
