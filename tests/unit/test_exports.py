"""What `from jobs import …` gives, and what it costs."""

import subprocess
import sys

import pytest
from django.conf import settings

import jobs
from jobs import errors


def test_flow_signals_come_from_the_errors():
    assert (jobs.Retry, jobs.Snooze, jobs.Discard) == (errors.Retry, errors.Snooze, errors.Discard)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'jobs' has no attribute 'enqueue'"):
        _ = jobs.enqueue


def test_importing_the_package_loads_neither_django_nor_redis():
    code = "import jobs, sys; sys.exit(bool({'django', 'redis'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=settings.BASE_DIR)
