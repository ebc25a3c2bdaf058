"""Settings of the programs that docs/django-tasks.md shows: those of the site, and TASKS as it says."""

from django import VERSION

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, *([] if VERSION >= (6, 0) else ["django_tasks"])]
TASKS = {"default": {"BACKEND": "jobs.backends.QueueFlowBackend"}}
