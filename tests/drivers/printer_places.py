"""Every way to an emulated printer, alike for a test: where it is, and how its link is lost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from drivers.emulators.printer import EmulatedPrinter
from drivers.emulators.printer_line import PrinterOnLine
from drivers.printers.links import PrinterPlace
from drivers.transport.device_file import DeviceFile
from drivers.transport.serial_line import SerialSettings
from drivers.transport.tcp import TcpAddress

LINES = ("serial", "device")
WAYS = ("tcp", *LINES)


@dataclass(frozen=True, slots=True)
class Stand:
    """A printer on a table, and its cable."""

    emulated: EmulatedPrinter
    place: PrinterPlace
    unplug: Callable[[], None]
    plug_in: Callable[[], None]
    labels: Path
    line: PrinterOnLine | None = None


@contextmanager
def standing(way: str, folder: Path, *, print_time_s: float = 0.0, trickle_s: float = 0.0) -> Iterator[Stand]:
    """An emulated printer that is reached in one of the `WAYS`."""
    labels, path = folder / "labels", folder / "line"
    with EmulatedPrinter(labels, print_time_s=print_time_s) as emulated:
        if way == "tcp":
            place = TcpAddress("127.0.0.1", emulated.port)
            yield Stand(emulated, place, emulated.lose_link, emulated.restore_link, labels)
            return
        with PrinterOnLine(emulated, path) as line:
            at: PrinterPlace = SerialSettings(str(path), flow="xonxoff") if way == "serial" else DeviceFile(str(path))
            line.trickle(trickle_s)
            yield Stand(emulated, at, line.unplug, line.plug_in, labels, line)
