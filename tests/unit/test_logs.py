"""The logs: one form for our lines and for everybody else's, with what is bound to the job on each."""

import json
import logging
import subprocess
import sys

import structlog
from django.conf import settings

SCRIPT = """
import logging, structlog
from jobs import logs
logs.configure(logs.logging_config("INFO", {log_format!r}))
log = logs.get_logger("queueflow.worker")
with structlog.contextvars.bound_contextvars(jobId="j1", attempt=2):
    log.info("job completed", queue="mail")
    log.debug("not shown")
    logging.getLogger("third.party").warning("it is %s", "odd", extra={{"code": 7}})
    try:
        1 / 0
    except ZeroDivisionError:
        log.exception("job failed")
"""


def lines_of(log_format):
    command = [sys.executable, "-c", SCRIPT.format(log_format=log_format)]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_json_has_one_object_a_line_with_what_is_bound_on_each():
    ours, theirs, failure = (json.loads(line) for line in lines_of("json"))
    assert (ours["event"], ours["queue"], ours["level"]) == ("job completed", "mail", "info")
    assert (theirs["event"], theirs["code"], theirs["logger"]) == ("it is odd", 7, "third.party")
    assert "ZeroDivisionError" in failure["exception"]
    assert {(line["jobId"], line["attempt"]) for line in (ours, theirs, failure)} == {("j1", 2)}
    assert ours["timestamp"].endswith("Z")


def test_text_is_for_reading():
    first, *_, last = lines_of("text")
    assert "job completed" in first
    assert "jobId=j1" in first
    assert last == "ZeroDivisionError: division by zero"


def test_the_settings_use_this_pipeline():
    [handler] = [each for each in logging.getLogger().handlers if type(each) is logging.StreamHandler]
    assert isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter)
