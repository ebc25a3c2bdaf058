"""The pages."""

from django.urls import path

from . import history_views
from .views import coming, job, operations, overview, pausing

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("charts.json", history_views.charts_json, name="charts"),
    path("schedules/", coming.schedules, name="schedules"),
    path("scaling/", coming.scaling, name="scaling"),
    path("queues/<path:name>/pause/", pausing.pause, name="pause-queue"),
    path("queues/<path:name>/resume/", pausing.resume, name="resume-queue"),
    path("operations/", operations.operations, name="operations"),
    path("operations/new/", operations.new, name="operation-new"),
    path("operations/start/", operations.start, name="operation-start"),
    path("operations/<str:operation_id>/", operations.operation, name="operation"),
    path("operations/<str:operation_id>/abort/", operations.abort, name="operation-abort"),
    path("jobs/<str:job_id>/", job.show, name="job"),
    path("jobs/<str:job_id>/stack/", job.stack, name="job-stack"),
    path("jobs/<str:job_id>/retry/", job.do, {"verb": "retry"}, name="retry-job"),
    path("jobs/<str:job_id>/<str:verb>/", job.do, name="job-do"),
]
