"""The Django app of the engine."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Registers the engine's system checks; handlers are discovered by the processes that need them."""

    name = "jobs"
    verbose_name = "Jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks, the making of roles, and the handlers of Django's tasks if they run here."""
        from . import checks  # noqa: F401 - registration is the effect that is wanted
        from .access import roles
        from .backends.declaring import declare_configured

        roles.connect()
        declare_configured()
