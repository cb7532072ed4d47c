"""The terminal's driver: Textual's own, but a byte that is not UTF-8 does not end the program, nor a nap a scan.

Textual 8.2.8 decodes strictly and stops with exit code 0 (https://github.com/Textualize/textual/issues/6456); a scanner
set to another code page sends such bytes. They come as U+FFFD here, which makes the scan a bad read.

A machine that has no time for this program for a while is no scanner that pauses in the middle of a code. What the
reading thread has slept through is known, because it knows how long it waits of its own accord, and is taken
from the time at which keys were read. Whether a scan pauses too long is asked of that thread too, because only it knows
whether something is waiting on the line: it answers behind everything it has read.
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import selectors
import signal
import time
from typing import Any

from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from floor.feeds import WedgeDue

_POLL_S = 0.1
_QUICK_POLL_S = 0.01
_QUICK_S = 1.0
"""For so long after the last key more may belong to it: a nap must then be known to less than what parts two scans."""
_READ_BYTES = 4096
_NAP_S = 0.020
"""Less may pass between two threads that are both awake."""


class FloorDriver(LinuxDriver):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._slept_s = 0.0
        """What the reading thread has slept through since it began."""
        asked, asking = os.pipe()
        os.set_blocking(asking, False)
        self._asked, self._asking = os.fdopen(asked, "rb", buffering=0), os.fdopen(asking, "wb", buffering=0)

    def read_time_s(self) -> float:
        """The clock by which keys are read."""
        return time.monotonic() - self._slept_s

    def ask_due(self) -> None:
        """Have a `WedgeDue` posted once nothing is left to be read, with the time at which that was seen."""
        with contextlib.suppress(ValueError):  # closed: nothing is read any more
            self._asking.write(b"?")  # full: it has been asked

    def _sigcont_application(self, *_: object) -> None:
        """Go on after being stopped. Who was stopped without having been asked (SIGSTOP) still reads.

        Textual begins anew in any case: two threads would read one line by turns, and the terminal would be given back
        at the end as the program had set it. Only what somebody else may have written there meanwhile is painted over.
        """
        if self._key_thread is None or not self._key_thread.is_alive():
            super()._sigcont_application()
            return
        with contextlib.suppress(RuntimeError):  # not begun or at its end: there is nothing to paint
            asyncio.get_running_loop().call_soon_threadsafe(self._app.refresh)

    def close(self) -> None:
        super().close()
        self._asking.close()
        self._asked.close()

    def run_input_thread(self) -> None:
        """Read keys and pastes until the app ends, and hand them on with the time at which they were read."""
        parser = XTermParser(self._debug)
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        awake_at = quick_until = time.monotonic()
        with selectors.SelectSelector() as selector:
            line = selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(self._asked, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                poll_s = _QUICK_POLL_S if awake_at < quick_until else _POLL_S
                ready = [key for key, _ in selector.select(poll_s)]
                before, awake_at = awake_at, time.monotonic()
                slept_s = awake_at - before - poll_s
                if slept_s > _NAP_S:
                    self._slept_s += slept_s
                # All that follows belongs to this time, whatever may happen to the program in the midst of it.
                read_at_s = awake_at - self._slept_s
                if line in ready:
                    data = self._read_line()
                    if not data:
                        # The line was hung up: nobody will read or type here any more, and the record is on disk.
                        signal.raise_signal(signal.SIGTERM)
                        return
                    quick_until = awake_at + _QUICK_S
                    text = decoder.decode(data)
                    for message in parser.feed(text) if text else ():
                        self._hand_on(message, read_at_s)
                for message in parser.tick():
                    self._hand_on(message, read_at_s)
                if ready and line not in ready:
                    self._asked.read(_READ_BYTES)
                    self.process_message(WedgeDue(read_at_s))
        try:
            for _ in parser.feed(""):
                pass  # tells the parser that this is the end
        except (EOFError, ParseError):
            pass

    def _hand_on(self, message: Message, read_at_s: float) -> None:
        message.time = read_at_s
        self.process_message(message)

    def _read_line(self) -> bytes:
        """What came; nothing when the terminal is gone."""
        try:
            return os.read(self.fileno, _READ_BYTES)
        except OSError:
            return b""
