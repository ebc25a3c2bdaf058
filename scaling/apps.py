"""The Django app `scaling`."""

from django.apps import AppConfig


class ScalingConfig(AppConfig):
    """Registers the app with Django."""

    name = "scaling"
    verbose_name = "Scaling"
    default_auto_field = "django.db.models.BigAutoField"
