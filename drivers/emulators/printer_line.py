"""An emulated printer at the end of a line: a pty that serves as serial port or character device."""

import os
import select
import socket
import threading
import time
import tty
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from drivers.emulators.printer import EmulatedPrinter

_READ_BYTES = 4096
_WAKE_S = 0.01
_ANSWER_S = 0.5


class PrinterOnLine:
    """Carries bytes between a pty behind `path` and a running printer; a context manager, called from any thread.

    `path` must not exist yet. A cut or a loss of power of the printer loses what is on the way, and the line stays.
    """

    def __init__(self, printer: EmulatedPrinter, path: Path) -> None:
        self.path = path
        self._printer = printer
        self._lock = threading.RLock()
        self._ends: tuple[int, int] | None = None
        self._printers_end: socket.socket | None = None
        self._trickle_s = 0.0
        self._is_deaf = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="printer-line")

    def __enter__(self) -> Self:
        self.plug_in()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        self.unplug()

    def plug_in(self) -> None:
        with self._lock:
            outer, inner = os.openpty()
            tty.setraw(inner)
            os.set_blocking(outer, False)
            self._ends = (outer, inner)
            self.path.symlink_to(os.ttyname(inner))

    def unplug(self) -> None:
        """Both ends of the line are gone, with what was on it."""
        with self._lock:
            self.path.unlink(missing_ok=True)
            self._hang_up()
            if self._ends is not None:
                for end in self._ends:
                    os.close(end)
                self._ends = None

    def trickle(self, pause_s: float) -> None:
        """The line carries a byte at a time, each way, with pauses between."""
        self._trickle_s = pause_s

    def hold_back(self) -> None:
        """The printer takes nothing from its line any more, as one with a full buffer."""
        self._is_deaf = True

    def take_on(self) -> None:
        self._is_deaf = False

    def _run(self) -> None:
        while not self._stop.is_set():
            with self._lock:
                is_idle = not (self._carry_there() | self._carry_back())
            if is_idle:
                time.sleep(_WAKE_S)
            elif self._trickle_s:
                time.sleep(self._trickle_s)

    def _carry_there(self) -> bool:
        if self._ends is None or self._is_deaf or not _readable(self._ends[0]):
            return False
        data = os.read(self._ends[0], 1 if self._trickle_s else _READ_BYTES)
        try:
            self._reached().sendall(data)
        except OSError:
            self._hang_up()
        return True

    def _carry_back(self) -> bool:
        if self._printers_end is None or self._ends is None or not _readable(self._printers_end.fileno()):
            return False
        try:
            data = self._printers_end.recv(1 if self._trickle_s else _READ_BYTES)
        except OSError:
            data = b""
        if not data:
            self._hang_up()
            return False
        with suppress(BlockingIOError):  # nobody reads: the line has no room for more
            os.write(self._ends[0], data)
        return True

    def _reached(self) -> socket.socket:
        if self._printers_end is None:
            address = (self._printer.host, self._printer.port)
            self._printers_end = socket.create_connection(address, timeout=_ANSWER_S)
        return self._printers_end

    def _hang_up(self) -> None:
        if self._printers_end is not None:
            self._printers_end.close()
            self._printers_end = None


def _readable(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
