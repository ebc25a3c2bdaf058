"""What is kept of an exception, and the fingerprint by which failures of one cause are counted together.

Exceptions are other people's code: describing one must not fail, whatever its methods do.
"""

from __future__ import annotations

import hashlib
import re
import sysconfig
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Final

from .redaction import DEFAULT_FIELDS, redactor_of
from .types import Failure

MAX_NAME_BYTES: Final = 200
MAX_MESSAGE_BYTES: Final = 4 * 1024
MAX_TRACEBACK_BYTES: Final = 32 * 1024
HEAD_BYTES: Final = 8 * 1024  # kept of a longer traceback's start; the rest of the room is for its end
MAX_FRAMES: Final = 1000  # of each traceback in a chain, the innermost; as deep as Python goes unless it is told to
FRAMES: Final = 3  # of the user's code, from where it was raised outwards
MAX_CAUSES: Final = 10

ENGINE = str(Path(__file__).parent) + "/"
_LIBRARIES = tuple(
    {sysconfig.get_path(name) + "/" for name in ("stdlib", "platstdlib", "purelib", "platlib")} | {"<frozen "}
)
_LIBRARY_FOLDERS = ("/site-packages/", "/dist-packages/")
_HIDES = redactor_of(DEFAULT_FIELDS)
_VARYING = re.compile(
    r"""(?<!\w)'[^'\n]*'(?!\w) | "[^"\n]*" | `[^`\n]*`      # what is quoted
    | [0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}  # a UUID
    | 0[xX][0-9a-fA-F]+                                     # an address
    | (?<![0-9A-Za-z])(?=[a-fA-F]*[0-9])[0-9a-fA-F]{6,}(?![0-9A-Za-z])  # a hash or an id
    | [0-9]+""",
    re.VERBOSE,
)


def failure_of(error: BaseException) -> Failure:
    """Return what the history keeps of an exception: at most 4 KiB of message and 32 KiB of traceback.

    The fingerprint is 16 hex digits of the type, the message without what varies from one failure to the next
    (numbers, ids, quoted texts) and the innermost functions of the user's code.
    """
    try:
        message = _message(error)
        return Failure(
            error_type=clean_text(type(error).__name__, MAX_NAME_BYTES),
            message=_cut(message, MAX_MESSAGE_BYTES),
            traceback=_traceback(error, message),
            fingerprint=_fingerprint(error, message),
            error_path=clean_text(_path(type(error)), MAX_NAME_BYTES),
        )
    except BaseException as broken:  # even its type or its links fail to be read
        message = f"an exception that cannot be described: looking at it raised {type(broken).__name__}"
        return Failure("UnreadableException", message, "", hashlib.blake2b(message.encode(), digest_size=8).hexdigest())


def clean_text(text: str, max_bytes: int) -> str:
    """Return text that any store and any page can take: no lone surrogates, at most `max_bytes` of UTF-8."""
    return _cut(_clean(text[: max_bytes + 1]), max_bytes)


def clean_trace(text: str) -> str:
    """Return a traceback that any store and any page can take: at most 32 KiB, with its middle left out if need be."""
    return _cut_middle(_clean(_squeezed(text)))


def _message(error: BaseException) -> str:
    try:
        return _clean(str(error)[: MAX_MESSAGE_BYTES + 1])
    except BaseException as broken:
        return f"<its message cannot be read: __str__ raised {type(broken).__name__}>"


def _clean(text: str) -> str:
    return str.encode(text, "utf-8", "replace").decode()


def _cut(text: str, most: int) -> str:
    encoded = text.encode()
    if len(encoded) <= most:
        return text
    return encoded[: most - 3].decode(errors="ignore") + "…"


def _traceback(error: BaseException, message: str) -> str:
    start = _skip_engine(error.__traceback__)
    try:
        text = _formatted(error, start)
    except BaseException:  # causes, notes and suggestions run the user's code too
        frames = "".join(traceback.format_tb(start, limit=-50))
        text = f"Traceback (most recent call last):\n{frames}{type(error).__name__}: {message}\n"
    return clean_trace(text)


def _formatted(error: BaseException, start: TracebackType | None) -> str:
    """As Python prints it, but without going through millions of frames or lines that nobody will see."""
    described = traceback.TracebackException(type(error), error, _innermost(start), limit=-MAX_FRAMES, compact=True)
    parts: list[Any] = [described]
    for part in parts:  # it grows while it is walked
        if isinstance(text := getattr(part, "_str", None), str):
            part._str = _squeezed(text)
        linked = (part.__cause__, part.__context__, *(part.exceptions or ()))
        parts += [link for link in linked if link is not None]
    return "".join(described.format())


def _squeezed(text: str) -> str:
    """Text without most of a middle that will be left out anyway: to clean a hundred megabytes takes seconds."""
    if str.__len__(text) <= 2 * MAX_TRACEBACK_BYTES:
        return text
    gap = f"\n… {str.__len__(text) - 2 * MAX_TRACEBACK_BYTES:,} characters …\n"
    head, tail = (
        str.__getitem__(text, part) for part in (slice(MAX_TRACEBACK_BYTES), slice(-MAX_TRACEBACK_BYTES, None))
    )
    return f"{head}{gap}{tail}"


def _innermost(trace: TracebackType | None) -> TracebackType | None:
    """The last `MAX_FRAMES` steps of a traceback."""
    first = step = trace
    for _ in range(MAX_FRAMES):
        step = step and step.tb_next
    while step is not None and first is not None:
        first, step = first.tb_next, step.tb_next
    return first


def _cut_middle(text: str) -> str:
    encoded = text.encode()
    if len(encoded) <= MAX_TRACEBACK_BYTES:
        return text
    gap = f"\n… {len(encoded) - MAX_TRACEBACK_BYTES:,} bytes and more are left out …\n"
    end = MAX_TRACEBACK_BYTES - HEAD_BYTES - len(gap.encode())
    return encoded[:HEAD_BYTES].decode(errors="ignore") + gap + encoded[-end:].decode(errors="ignore")


def _skip_engine(trace: TracebackType | None) -> TracebackType | None:
    """The traceback from the first frame that is not the engine's; all of it if there is none."""
    step = trace
    while step is not None and step.tb_frame.f_code.co_filename.startswith(ENGINE):
        step = step.tb_next
    return step or trace


def _fingerprint(error: BaseException, message: str) -> str:
    digest = hashlib.blake2b(digest_size=8)
    # What people may not see must not be told by the fingerprint either: words could be tried until one fits.
    line = _HIDES.mask_text(message.split("\n", 1)[0][:1000])
    parts = [*_types(error), _VARYING.sub("#", line), *_places(error.__traceback__)]
    for part in parts:
        digest.update(_clean(part).encode() + b"\0")
    return digest.hexdigest()


def _path(kind: type[BaseException]) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _types(error: BaseException) -> Iterator[str]:
    """The types of the exception, of the explicit causes behind it, and of a group's members."""
    cause: BaseException | None = error
    for _ in range(MAX_CAUSES):
        if cause is None:
            return
        yield _path(type(cause))
        if isinstance(cause, BaseExceptionGroup):
            yield from sorted({type(member).__qualname__ for member in cause.exceptions[:100]})
        cause = cause.__cause__


def _places(trace: TracebackType | None) -> Iterator[str]:
    """The innermost functions of the user's code; of any code if there is none of theirs. No line numbers."""
    frames = [frame for frame, _ in traceback.walk_tb(_innermost(trace))]
    frames.reverse()
    theirs = [frame for frame in frames if _is_user_code(frame.f_code.co_filename)]
    # A recursion is one place, however deep it went.
    distinct = dict.fromkeys(_place(frame) for frame in (theirs or frames)[:1000])
    yield from list(distinct)[:FRAMES]


def _place(frame: FrameType) -> str:
    module = frame.f_globals.get("__name__")
    return f"{module if isinstance(module, str) else '?'}.{frame.f_code.co_qualname}"


def _is_user_code(filename: str) -> bool:
    if filename.startswith((ENGINE, *_LIBRARIES)):
        return False
    return not any(folder in filename for folder in _LIBRARY_FOLDERS)
