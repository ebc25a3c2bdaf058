"""The Django app `schedules`."""

from django.apps import AppConfig


class SchedulesConfig(AppConfig):
    """Registers the app with Django."""

    name = "schedules"
    verbose_name = "Schedules"
    default_auto_field = "django.db.models.BigAutoField"
