"""The addresses of the site."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path

from jobs.admin.password import change_password
from jobs.web.login import ThrottledLogin, to_login
from monitoring import health_views, process_metrics
from queueflow_site.api import api

admin.autodiscover()  # processes that work have not done so
urlpatterns = [
    path("admin/login/", to_login),  # before the admin's own: one page to log in at, one limit to guessing
    path("admin/password_change/", admin.site.admin_view(change_password, cacheable=True)),
    path("admin/", admin.site.urls),
    path("login/", ThrottledLogin.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("api/", api.urls),
    path("health", health_views.show_health, name="health"),
    path("health/live", health_views.show_live),
    path("health/ready", health_views.show_ready),
    path("metrics/process", process_metrics.show_process_metrics),
    path("", include("monitoring.urls")),
]

handler400 = "jobs.api.handlers.bad_request"
handler500 = "jobs.api.handlers.server_error"
