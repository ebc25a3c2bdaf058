"""The pages."""

from django.urls import path

from . import history_views
from .views import (
    audit,
    coming,
    dead_letters,
    enqueue,
    exports,
    job,
    jobs,
    operations,
    overview,
    pausing,
    queues,
    saved_views,
    workers,
)

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("charts.json", history_views.charts_json, name="charts"),
    path("schedules/", coming.schedules, name="schedules"),
    path("scaling/", coming.scaling, name="scaling"),
    path("queues/", queues.queues, name="queues"),
    path("queues/<path:name>/purge/", queues.purge, name="purge-queue"),
    path("types/<path:job_type>/pause/", queues.pause_type, name="pause-type"),
    path("types/<path:job_type>/resume/", queues.resume_type, name="resume-type"),
    path("workers/", workers.workers, name="workers"),
    path("workers/<path:worker_id>/drain/", workers.drain, name="drain-worker"),
    path("views/", saved_views.saved_views, name="saved-views"),
    path("views/save/", saved_views.save_view, name="save-view"),
    path("views/<int:view_id>/delete/", saved_views.delete_view, name="delete-view"),
    path("exports/<slug:what>.<str:form>", exports.export, name="export"),
    path("audit/", audit.audit, name="audit"),
    path("queues/<path:name>/pause/", pausing.pause, name="pause-queue"),
    path("queues/<path:name>/resume/", pausing.resume, name="resume-queue"),
    path("operations/", operations.operations, name="operations"),
    path("operations/new/", operations.new, name="operation-new"),
    path("operations/start/", operations.start, name="operation-start"),
    path("operations/<str:operation_id>/", operations.operation, name="operation"),
    path("operations/<str:operation_id>/abort/", operations.abort, name="operation-abort"),
    path("dead-letters/", dead_letters.errors, name="dead-letters"),
    path("dead-letters/jobs/", jobs.dead_jobs, name="dead-jobs"),
    path("dead-letters/<str:fingerprint>/<str:verb>/", dead_letters.triage, name="dead-triage"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/new/", enqueue.new, name="enqueue"),
    path("jobs/<str:job_id>/", job.show, name="job"),
    path("jobs/<str:job_id>/stack/", job.stack, name="job-stack"),
    path("jobs/<str:job_id>/retry/", job.do, {"verb": "retry"}, name="retry-job"),
    path("jobs/<str:job_id>/<str:verb>/", job.do, name="job-do"),
]
