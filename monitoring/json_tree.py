"""JSON as a tree that folds, made on the server: a browser's own parser would bend large integers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

MOST_NODES: Final = 2000
MOST_DEPTH: Final = 100  # as deep as a payload may be; a result may be deeper
LONGEST_STRING: Final = 2000
MOST_COPIED: Final = 32_768  # bytes
OPEN_DEPTH: Final = 2  # levels that are open at first
FEW: Final = 30  # entries of an object or array that is open at first


class _Number(str):
    """A number as it was written."""

    __slots__ = ()


class _Members(list[tuple[str, Any]]):
    """The members of an object in their order, repeated keys too."""


_decode = json.JSONDecoder(object_pairs_hook=_Members, parse_int=_Number, parse_float=_Number).decode


def tree_of(document: bytes) -> SafeString:
    """The HTML of a JSON document: nested `<details>`, every text escaped, numbers as they were written.

    At most 2,000 entries, 100 levels and 2,000 characters of a text are shown; what is left out is said. What is not
    JSON is shown as text.
    """
    try:
        value = _decode(document.decode())
    except (ValueError, RecursionError):
        shown = document[:LONGEST_STRING].decode("utf-8", "replace")
        return format_html('<div class="tree"><div class="tree-leaf tree-note">{}</div></div>', shown)
    # Every piece has been escaped by format_html or is a tag of our own.
    return mark_safe(f'<div class="tree">{"".join(_Renderer().parts(value))}</div>')  # noqa: S308


def text_to_copy(document: bytes) -> str:
    """A JSON document as it was written; nothing for one that is too large to stand in a page a second time."""
    return document.decode("utf-8", "replace") if len(document) <= MOST_COPIED else ""


class _Renderer:
    """Writes one document, counting what it shows."""

    def __init__(self) -> None:
        self._left = MOST_NODES

    def parts(self, value: Any, key: str | None = None, depth: int = 0) -> Iterator[str]:
        """The HTML of a value in pieces."""
        self._left -= 1
        label = "" if key is None else format_html('<span class="tree-key">{}</span>: ', _visible(key))
        if isinstance(value, list):
            yield from self._branch(value, label, depth)
        else:
            yield format_html('<div class="tree-leaf">{}{}</div>', label, _leaf(value))

    def _branch(self, value: list[Any], label: str, depth: int) -> Iterator[str]:
        is_object = isinstance(value, _Members)
        left, right = "{}" if is_object else "[]"
        if not value:
            yield format_html('<div class="tree-leaf">{}{}{}</div>', label, left, right)
            return
        if depth >= MOST_DEPTH:
            yield format_html('<div class="tree-leaf tree-note">{}deeper, in the raw JSON</div>', label)
            return
        noun = ("key" if is_object else "entry") if len(value) == 1 else ("keys" if is_object else "entries")
        is_open = mark_safe(" open") if depth < OPEN_DEPTH and len(value) <= FEW else ""
        yield format_html('<details class="tree-node"{}><summary>', is_open)
        yield format_html('{}{} <span class="tree-note">{} {}</span> {}', label, left, f"{len(value):,}", noun, right)
        yield '</summary><div class="tree-children">'
        pairs = value if is_object else enumerate(value)
        for at, (name, child) in enumerate(pairs):
            if self._left <= 0:
                more = f"{len(value) - at:,} more, in the raw JSON"
                yield format_html('<div class="tree-leaf tree-note">{}</div>', more)
                break
            yield from self.parts(child, str(name), depth + 1)
        yield "</div></details>"


def _leaf(value: Any) -> SafeString:
    if isinstance(value, _Number):
        return format_html('<span class="tree-number">{}</span>', str(value))
    if isinstance(value, str):
        quoted = json.dumps(value[:LONGEST_STRING], ensure_ascii=False)
        cut = len(value) - LONGEST_STRING
        more = format_html(' <span class="tree-note">{} more characters, in the raw JSON</span>', f"{cut:,}")
        return format_html('<span class="tree-string">{}</span>{}', _visible(quoted), more if cut > 0 else "")
    word = {True: "true", False: "false", None: "null"}[value]
    return format_html('<span class="tree-word">{}</span>', word)


def _visible(text: str) -> SafeString:
    """The text, with what cannot be seen or turns its order around as escapes: what is read is what is there."""
    return conditional_escape("".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in text))
