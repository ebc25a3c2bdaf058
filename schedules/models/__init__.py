"""What the Django database keeps of schedules: the rules, and what became of their ticks."""

from .gone import Gone
from .schedule import Schedule
from .tick import Tick
from .words import Missed, Outcome, Overlap

__all__ = ["Gone", "Missed", "Outcome", "Overlap", "Schedule", "Tick"]
