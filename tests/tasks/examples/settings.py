"""The examples' project: its TASKS are what their texts ask for, with our backend in it."""

from tests.tasks.configured import BACKEND
from tests.tasks.settings import *  # noqa: F403

TASKS = {
    "default": {"BACKEND": BACKEND, "QUEUES": ["default", "emails", "special"]},
    "reserve": {"BACKEND": BACKEND},
    "custom": {"BACKEND": "tests.tasks.examples.custom.CustomBackend"},
}
