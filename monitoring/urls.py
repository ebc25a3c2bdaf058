"""The pages."""

from django.urls import path

from . import history_views, views

urlpatterns = [
    path("", views.overview, name="overview"),
    path("charts.json", history_views.charts_json, name="charts"),
    path("jobs/<str:job_id>/retry/", views.retry, name="retry-job"),
]
