"""Handlers: the functions that run jobs, and what they see of the job they run."""

from .context import JobContext, current_job, use_job
from .decorator import handler
from .registry import Handler, Registry, registry

Job = JobContext

__all__ = ["Handler", "Job", "JobContext", "Registry", "current_job", "handler", "registry", "use_job"]
