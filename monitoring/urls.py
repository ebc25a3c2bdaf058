"""The pages."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.overview, name="overview"),
    path("jobs/<str:job_id>/retry/", views.retry, name="retry-job"),
]
