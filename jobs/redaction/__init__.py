"""Masks what not everybody may see: the values of fields whose names fit patterns, in JSON and in plain text.

Pure: bytes and texts go in, masked ones come out. Nothing in here raises on what it is given.
"""

from .documents import holds_mask
from .names import DEFAULT_FIELDS, MASK, field_patterns
from .redactor import Redactor, Values, redactor_of

__all__ = ["DEFAULT_FIELDS", "MASK", "Redactor", "Values", "field_patterns", "holds_mask", "redactor_of"]
