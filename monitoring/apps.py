"""The Django app `monitoring`."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """Registers the app with Django."""

    name = "monitoring"
    verbose_name = "Monitoring"
    default_auto_field = "django.db.models.BigAutoField"
