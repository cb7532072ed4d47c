"""A terminal's side of its station's print service."""

import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from drivers.faults import DeviceGone
from drivers.printers.print_jobs import Condition, JobFate, PrinterInfo, PrintJob, fate_of, nothing_sent
from drivers.printers.station_wire import (
    LONGEST_LINE_BYTES,
    Ask,
    BadLine,
    read_conditions,
    read_fate,
    read_printers,
    request_line,
)
from drivers.readings import PrintOutcome, PrintReason, PrintStatus, Silent

_T = TypeVar("_T")

_CONNECT_S = 2.0
_AGAIN_PAUSE_S = 0.1


class StationClient:
    """The service behind a socket, as `PrintStation` is to its own process. May be called from any thread.

    `return_s` is how long a service that went away with a label may take to come back, `patience_s` how long it may
    take over one label: others may be before it.
    """

    def __init__(self, socket_path: Path, *, return_s: float = 10.0, patience_s: float = 120.0) -> None:
        self._path = socket_path
        self._return_s = return_s
        self._patience_s = patience_s

    def printers(self) -> tuple[PrinterInfo, ...]:
        """Raises `DeviceGone` when the service does not answer."""
        return self._asked(Ask.PRINTERS, read_printers)

    def conditions(self) -> tuple[Condition, ...]:
        """Raises `DeviceGone` when the service does not answer."""
        return self._asked(Ask.CONDITIONS, read_conditions)

    def hand_over(self, job: PrintJob) -> JobFate:
        """Have a job printed and wait for what becomes of it. Handing the same job over again never doubles it."""
        until_s = 0.0
        was_handed_over = False
        while True:
            try:
                link = self._connect()
            except DeviceGone as gone:
                if not was_handed_over:
                    return nothing_sent(job, PrintReason.NO_SERVICE, str(gone))
                if time.monotonic() > until_s:
                    return _unknown(job, str(gone))
                time.sleep(_AGAIN_PAUSE_S)
                continue
            was_handed_over = True
            try:
                return read_fate(self._exchange(link, request_line(Ask.PRINT, job)))
            except (DeviceGone, BadLine) as fault:
                if until_s and time.monotonic() > until_s:
                    return _unknown(job, str(fault))
                until_s = until_s or time.monotonic() + self._return_s
                time.sleep(_AGAIN_PAUSE_S)

    def _asked(self, ask: Ask, read: Callable[[bytes], _T]) -> _T:
        try:
            return read(self._exchange(self._connect(), request_line(ask)))
        except BadLine as fault:
            raise DeviceGone(f"the print service at {self._path}", "it is of another release") from fault

    def _connect(self) -> socket.socket:
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            link.settimeout(_CONNECT_S)
            link.connect(str(self._path))
        except OSError as fault:
            link.close()
            raise DeviceGone(f"the print service at {self._path}", fault.strerror or str(fault)) from fault
        return link

    def _exchange(self, link: socket.socket, request: bytes) -> bytes:
        with link, link.makefile("rb") as answers:
            try:
                link.settimeout(self._patience_s)
                link.sendall(request)
                line = answers.readline(LONGEST_LINE_BYTES)
            except OSError as fault:
                raise DeviceGone(f"the print service at {self._path}", fault.strerror or str(fault)) from fault
        if not line.endswith(b"\n"):
            raise DeviceGone(f"the print service at {self._path}", "it ended in the middle")
        return line


def _unknown(job: PrintJob, told: str) -> JobFate:
    outcome = PrintOutcome(PrintStatus.UNCERTAIN, PrintReason.STOPPED, 0, None, None, Silent(told))
    return fate_of(job.job_id, job.printer, outcome)
