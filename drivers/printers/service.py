"""A station's print service: one process owns the printers, the terminals of the station hand their labels over.

It listens on a Unix socket that only its own user may open. A terminal that loses it in the middle asks again with the
same job, and is told what became of it.
"""

import contextlib
import fcntl
import logging
import os
import socketserver
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from drivers.printers.station import PrintStation
from drivers.printers.station_wire import LONGEST_LINE_BYTES, Ask, BadLine, fate_line, list_line, read_request

log = logging.getLogger("floorhand.printers")

_REQUEST_S = 10.0
"""How long a terminal may take over its request. It is in one piece on one machine."""


class AlreadyServed(Exception):
    """Another process serves this socket. The text says what to do."""


class StationService:
    """Serves a station in threads of its own until it is closed; a context manager.

    Raises `AlreadyServed`, and `OSError` when the socket cannot be made.
    """

    def __init__(self, station: PrintStation, socket_path: Path) -> None:
        self._path = socket_path
        socket_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._claim = os.open(socket_path.with_name(f"{socket_path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
            socket_path.unlink(missing_ok=True)
            self._server = _Server(station, socket_path)
        except BlockingIOError as fault:
            os.close(self._claim)
            raise AlreadyServed(
                f"Another print service already listens at {socket_path}. Nothing was started. Use that one, or end it."
            ) from fault
        except OSError:
            os.close(self._claim)
            raise
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="print-service")
        self._thread.start()

    def close(self) -> None:
        """Take no new labels, and wait for those that are under way."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._path.unlink(missing_ok=True)
        os.close(self._claim)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = False
    request_queue_size = 64

    def __init__(self, station: PrintStation, path: Path) -> None:
        self.station = station
        super().__init__(str(path), _Handler)

    def server_bind(self) -> None:
        before = os.umask(0o177)
        try:
            super().server_bind()
        finally:
            os.umask(before)


class _Handler(socketserver.StreamRequestHandler):
    server: _Server
    timeout = _REQUEST_S

    def handle(self) -> None:
        # A terminal that went away in the middle asks again when it is back.
        with contextlib.suppress(OSError):
            self._answer()

    def _answer(self) -> None:
        line = self.rfile.readline(LONGEST_LINE_BYTES)
        try:
            ask, job = read_request(line)
        except BadLine as fault:
            log.warning("a request was not understood: %s", fault)
            return
        station = self.server.station
        if job is not None:
            self.wfile.write(fate_line(station.hand_over(job)))
        elif ask is Ask.PRINTERS:
            self.wfile.write(list_line(station.printers()))
        else:
            self.wfile.write(list_line(station.conditions()))
