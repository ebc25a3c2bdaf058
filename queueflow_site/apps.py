"""What the site changes in third-party apps."""

from django.contrib.staticfiles.apps import StaticFilesConfig as DjangoStaticFilesConfig


class StaticFilesConfig(DjangoStaticFilesConfig):
    """Collects htmx 2 only: django-htmx also ships extensions and a later major that the manifest cannot process."""

    ignore_patterns = [
        *DjangoStaticFilesConfig.ignore_patterns,
        "django_htmx/ext/*",
        "django_htmx/htmx-4*",
        "django_htmx/htmax*",
    ]
