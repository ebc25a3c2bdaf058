"""Settings of a Django project with QueueFlow's app, its tasks, and nothing of our own site.

The workers of the tests run with them; so does everything else where only the backend's needs are installed.
"""

import os
import secrets
from pathlib import Path

from django import VERSION

from jobs import conf, logs
from tests.tasks.configured import TASKS  # noqa: F401 - a setting

_folder = Path(os.environ["QUEUEFLOW_VAR_DIR"])

QUEUEFLOW = conf.load(os.environ)
SECRET_KEY = secrets.token_urlsafe(50)
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    *([] if VERSION >= (6, 0) else ["django_tasks"]),
    "jobs",
    "tests.tasks",
    "tests.tasks.examples",
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": _folder / "tasks.sqlite3",
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20},
        "TEST": {"NAME": _folder / "tasks-test.sqlite3"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
_mail_backend = "django.core.mail.backends.filebased.EmailBackend"
if VERSION >= (6, 1):
    MAILERS = {"default": {"BACKEND": _mail_backend, "OPTIONS": {"file_path": _folder / "mails"}}}
else:
    EMAIL_BACKEND, EMAIL_FILE_PATH = _mail_backend, _folder / "mails"
DEFAULT_FROM_EMAIL = "shop@example.com"
LOGGING_CONFIG = "jobs.logs.configure"
LOGGING = logs.logging_config(QUEUEFLOW.log_level, QUEUEFLOW.log_format)
