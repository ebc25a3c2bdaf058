"""A client of QueueFlow's REST interface: nothing but the standard library. Install it or copy the folder.

    queueflow = Client("https://queueflow.example.com", key)
    job = queueflow.enqueue("send-email", {"to": "ada@example.com"}, queue="mail", delay=60)
    result = queueflow.wait(job, timeout=300)

Jobs are dicts in the words of the interface (`jobId`, `status`, …). Durations are seconds or timedeltas.
"""

from .bulk import Outcome, Refused
from .client import Client
from .errors import ApiError, JobCancelled, JobFailed, NoAnswer
from .jobs import Job, JobOptions, Seconds

__all__ = [
    "ApiError",
    "Client",
    "Job",
    "JobCancelled",
    "JobFailed",
    "JobOptions",
    "NoAnswer",
    "Outcome",
    "Refused",
    "Seconds",
]
