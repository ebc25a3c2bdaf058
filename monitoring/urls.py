"""The pages."""

from django.urls import path

from . import history_views
from .views import coming, job, overview

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("charts.json", history_views.charts_json, name="charts"),
    path("schedules/", coming.schedules, name="schedules"),
    path("scaling/", coming.scaling, name="scaling"),
    path("jobs/<str:job_id>/", job.show, name="job"),
    path("jobs/<str:job_id>/stack/", job.stack, name="job-stack"),
    path("jobs/<str:job_id>/retry/", job.do, {"verb": "retry"}, name="retry-job"),
    path("jobs/<str:job_id>/<str:verb>/", job.do, name="job-do"),
]
