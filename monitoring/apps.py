"""The Django app `monitoring`."""

from django.apps import AppConfig
from django.core import checks


class MonitoringConfig(AppConfig):
    """Registers the app with Django."""

    name = "monitoring"
    verbose_name = "Monitoring"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear of log-outs, of rights that change, and of what the database is asked."""
        from . import database_metrics
        from .checks import check_health_parts
        from .live import revocation

        revocation.connect()
        database_metrics.connect()
        checks.register(check_health_parts)
