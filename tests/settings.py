"""Settings for tests: nothing from the developer's environment, and a folder of their own for what they write.

Processes that a test starts with these settings inherit its environment, with the changes the test makes to it.
"""

import atexit
import os
import shutil
import sys
import tempfile
from dataclasses import fields

from jobs.conf import SECRET_NAMES, Config

MARK = "QUEUEFLOW_TESTS"


def prepare_environment() -> None:
    """Replace what the environment says about QueueFlow, once for each process that runs tests.

    What is compiled is kept for the next process, also where the environment says otherwise, as in containers: a start
    that compiles all it imports takes several times as long.
    """
    process = os.environ.get("PYTEST_XDIST_WORKER", "main")
    if os.environ.get(MARK, "").startswith(f"{process}:"):
        return
    for name in (*(spec.metadata["env"] for spec in fields(Config)), *SECRET_NAMES, "ALLOWED_HOSTS", "DEBUG"):
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    folder = tempfile.mkdtemp(prefix="queueflow-tests-")
    os.environ |= {
        "QUEUEFLOW_ENV_FILE": os.devnull,
        "QUEUEFLOW_VAR_DIR": folder,
        "SECRET_KEY": "only-for-tests",
        MARK: f"{process}:{os.getpid()}:{folder}",
    }


def remove_folder() -> None:
    """Remove the folder of this process; one that it inherited stays."""
    _, owner, folder = os.environ[MARK].split(":", 2)
    if int(owner) == os.getpid():
        shutil.rmtree(folder, ignore_errors=True)


prepare_environment()
atexit.register(remove_folder)

from queueflow_site.settings import *  # noqa: E402, F403 - the environment has to be ready first
from queueflow_site.settings import DATABASES, STATIC_ROOT  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# A file, as in an installation: threads share it by real locks, which a database in memory does not have.
DATABASES["default"]["TEST"] = {"NAME": str(STATIC_ROOT.parent / "test.sqlite3")}
# Static files come from where they lie, under their plain names: no test needs collectstatic.
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_USE_FINDERS = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
