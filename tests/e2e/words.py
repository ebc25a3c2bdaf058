"""Texts that do harm where they are taken for anything but text. What they would make carries the mark `data-evil`."""

from __future__ import annotations

from typing import Final

EVIL: Final = (
    """=1+1 '"></title></script><script data-evil>window.evil=1</script>"""
    """<img data-evil src=evil onerror=window.evil=1>{{ 7|add:42 }}`${window.evil=1}`"""
)
EVIL_TAG: Final = """'"><b data-evil onclick=evil>{{ 7|add:42 }}"""
TEMPLATE: Final = "{{ 7|add:42 }}"  # what a template would turn into 49
