"""The printers' numbers: from handing a label over to its first byte there, and labels through random faults."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from bench_rows import Row, row_of

from drivers.emulators.printer import EmulatedPrinter
from drivers.emulators.printer_trial import trial
from drivers.printers.print_jobs import JobId, PrinterName, PrintJob
from drivers.printers.service import StationService
from drivers.printers.station import PrintStation
from drivers.printers.station_client import StationClient
from drivers.printers.station_printer import PrinterSetup
from drivers.transport.tcp import TcpAddress

WARM_UP = 5
LABELS = 100
TROUBLED_LABELS = 1000
SEED = 1
NAME = PrinterName("bench")
LABEL = b"^XA^CI28^PW812^LL1218^LH0,0^PON^PQ1" + b"^FO30,30^A0N,40,40^FDcarton^FS" * 60 + b"^XZ"


def printer_rows() -> list[Row]:
    return [_first_byte(), *_troubled()]


def _first_byte() -> Row:
    """As a terminal of a station has it: through the service's socket and the ledger on disk."""
    arrived_s: list[float] = []

    def note(data: bytes) -> None:
        if b"^XA" in data:
            arrived_s.append(time.perf_counter())

    took_ms = []
    with (
        tempfile.TemporaryDirectory(prefix="fh") as name,
        EmulatedPrinter(Path(name) / "labels", on_bytes=note) as printer,
    ):
        folder = Path(name)
        setup = PrinterSetup(NAME, TcpAddress(printer.host, printer.port))
        with (
            PrintStation(folder / "printing.db", folder / "locks", [setup]) as station,
            StationService(station, folder / "s.sock"),
        ):
            terminal = StationClient(folder / "s.sock")
            for number in range(WARM_UP + LABELS):
                arrived_s.clear()
                begun_s = time.perf_counter()
                terminal.hand_over(PrintJob(JobId(str(number)), NAME, LABEL))
                took_ms.append((arrived_s[0] - begun_s) * 1000)
    return row_of("label to the first byte at the printer", "ms", took_ms[WARM_UP:], median_limit=10)


def _troubled() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="fh") as name:
        result = trial(Path(name), TROUBLED_LABELS, SEED)
    counts = {
        "doubled": result.doubled,
        "called printed and were not": result.called_printed_and_were_not,
        "called lost and were not": result.called_lost_and_were_not,
    }
    what = "labels through a printer that fails at random:"
    return [
        Row(what=f"{what} {name}", unit="labels", repetitions=result.labels, median=count, median_limit=0)
        for name, count in counts.items()
    ]
