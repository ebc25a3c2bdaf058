"""Settings for tests: nothing from the developer's environment, and a folder of their own for what they write."""

import atexit
import os
import shutil
import tempfile
from dataclasses import fields
from pathlib import Path

from jobs.conf import SECRET_NAMES, Config


def temporary_folder() -> Path:
    """Return a new folder that goes when this process ends; a forked child of it leaves the folder alone."""
    folder, owner = Path(tempfile.mkdtemp(prefix="queueflow-tests-")), os.getpid()

    def remove() -> None:
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return folder


for _name in (*(spec.metadata["env"] for spec in fields(Config)), *SECRET_NAMES, "ALLOWED_HOSTS", "DEBUG"):
    os.environ.pop(_name, None)
    os.environ.pop(f"{_name}_FILE", None)

# By the environment, so that the processes that tests start see the same.
os.environ["QUEUEFLOW_ENV_FILE"] = os.devnull
os.environ["QUEUEFLOW_VAR_DIR"] = str(temporary_folder())
os.environ["SECRET_KEY"] = "only-for-tests"

from queueflow_site.settings import *  # noqa: E402, F403 - the environment has to be ready first

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Pages refer to files by their plain names, so that no test needs collectstatic.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
