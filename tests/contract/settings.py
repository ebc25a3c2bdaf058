"""The settings of tests, with the limits off that would end a run of thousands of requests from one address."""

from jobs.access import throttle
from tests.settings import *  # noqa: F403

throttle.WRONG_KEYS_OF_AN_ADDRESS = (1_000_000, 1)  # type: ignore[misc]  # at once, and one more each second
