"""Who may not do something sees no button for it, and is refused when asking without one."""

from __future__ import annotations

from jobs.states import State
from tests.e2e.visitors import Visit

TOKEN = "input[name=csrfmiddlewaretoken]"


def dies(installation) -> str:
    """A job that a worker has just buried."""
    job = installation.client.enqueue("raises", "ValueError")
    installation.await_state(job["jobId"], State.DEAD)
    return str(job["jobId"])


def test_a_viewer_has_no_button_to_retry_and_is_refused_without_one(visit, installation):
    job_id = dies(installation)
    window: Visit = visit("Viewer")
    window.page.goto("/")
    assert window.page.get_by_role("button", name="Retry").count() == 0
    token = window.page.locator(TOKEN).first.input_value()
    form: dict[str, str | float | bool] = {"csrfmiddlewaretoken": token}
    refused = window.page.context.request.post(f"/jobs/{job_id}/retry/", form=form)
    assert refused.status == 403
    assert "You lack the right" in refused.text()
    assert installation.kit.state(job_id) is State.DEAD


def test_an_operator_retries_a_job_by_its_button(visit, installation):
    job_id = dies(installation)
    page = visit("Operator").page
    page.goto("/")
    before = installation.kit.record(job_id).executions
    page.get_by_role("button", name=f"Retry job {job_id}").click()
    page.get_by_text(f"Retried job {job_id}").filter(visible=True).first.wait_for()
    installation.await_state(job_id, State.DEAD, executions=before + 1)


def test_a_job_is_retried_without_scripts(visit, installation):
    job_id = dies(installation)
    page = visit("Operator", javascript=False).page
    page.goto("/")
    page.get_by_role("button", name=f"Retry job {job_id}").click()
    page.wait_for_load_state()
    assert f"Retried job {job_id}" in page.locator("main").inner_text()
