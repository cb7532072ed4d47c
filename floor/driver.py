"""The terminal's driver: Textual's own, but a byte that is not UTF-8 does not end the program.

Textual 8.2.8 decodes strictly and stops with exit code 0 (https://github.com/Textualize/textual/issues/6456); a scanner
set to another code page sends such bytes. They come as U+FFFD here, which makes the scan a bad read.
"""

from __future__ import annotations

import codecs
import os
import selectors
import signal

from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

_POLL_S = 0.1
_READ_BYTES = 4096


class FloorDriver(LinuxDriver):
    def run_input_thread(self) -> None:
        """Read keys and pastes until the app ends, and hand them on with the time at which they were read."""
        parser = XTermParser(self._debug)
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(_POLL_S):
                    data = self._read_line()
                    if not data:
                        # The line was hung up: nobody will read or type here any more, and the record is on disk.
                        signal.raise_signal(signal.SIGTERM)
                        return
                    text = decoder.decode(data)
                    for message in parser.feed(text) if text else ():
                        self.process_message(message)
                for message in parser.tick():
                    self.process_message(message)
        try:
            for _ in parser.feed(""):
                pass  # tells the parser that this is the end
        except (EOFError, ParseError):
            pass

    def _read_line(self) -> bytes:
        """What came; nothing when the terminal is gone."""
        try:
            return os.read(self.fileno, _READ_BYTES)
        except OSError:
            return b""
