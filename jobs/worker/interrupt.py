"""Ends user code in another thread from outside: once, and never later than it should."""

from __future__ import annotations

import ctypes
import threading
import time

from jobs.interrupts import CancelRequested, Interrupt, TimeLimitReached

from .frames import Stack, thread_stacks
from .held import Held, Stop

_set_exception = ctypes.pythonapi.PyThreadState_SetAsyncExc
_set_exception.argtypes = (ctypes.c_ulong, ctypes.py_object)
_set_exception.restype = ctypes.c_int
KINDS: dict[Stop, type[Interrupt]] = {Stop.TIMEOUT: TimeLimitReached, Stop.CANCEL: CancelRequested}


class Guard:
    """One thread's protection: an interrupt meets the job it was meant for, or nothing.

    Python raises the exception at the thread's next bytecode, so it cannot end a call into C, such as a sleep. It may
    come in the middle of `disarm`, even right after a lock was taken there; so the guarded thread takes no lock: it
    withdraws the job and then waits until nobody is sending; who sends looks for the job only while seen to send.
    """

    __slots__ = ("_held", "_senders", "_sending", "_sent", "thread")

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self._senders = threading.Lock()
        self._held: Held | None = None
        self._sending = False
        self._sent = False

    def arm(self, held: Held) -> None:
        """User code of the job begins in the calling thread, which made this guard."""
        self._held = held

    def disarm(self) -> None:
        """User code is over. An interrupt that was sent but has not been raised yet ends in here.

        The interrupt may be raised out of here: call it again then.
        """
        self._held = None
        while self._sending:
            time.sleep(0)
        if self._sent:
            self._swallow()

    def stacks(self) -> list[Stack]:
        """Where the guarded thread is; for another thread."""
        return thread_stacks(self.thread)

    def _swallow(self) -> None:
        """Replace whatever may be on its way by an interrupt of our own, and take that.

        To withdraw it instead would leave the interpreter looking for it for ever: up to Python 3.12 a thread that
        is profiled or traced then never gets on.
        """
        try:
            _set_exception(self.thread, ctypes.py_object(Interrupt))
            while True:
                time.sleep(0)
        except Interrupt:
            self._sent = False

    def interrupt(self, held: Held, why: Stop) -> None:
        """Interrupt the job, from another thread: once in its life, and only while its user code runs."""
        with self._senders:
            self._sending = True
            try:
                if self._held is held and not self._sent:
                    self._sent = True
                    _set_exception(self.thread, ctypes.py_object(KINDS[why]))
            finally:
                self._sending = False
