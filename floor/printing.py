"""The label printers of a terminal, as the conversation uses them: its own, or those of its station's service."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from drivers.faults import DeviceGone
from drivers.printers.links import PrinterPlace
from drivers.printers.print_jobs import Condition, JobFate, JobId, PrinterInfo, PrinterName, PrintJob, Reprint
from drivers.printers.station_printer import PrinterSetup
from drivers.readings import PrintReason, PrintStatus
from drivers.transport.device_file import DeviceFile
from drivers.transport.serial_line import SerialSettings
from drivers.transport.tcp import TcpAddress
from floor.config import PrinterProfile
from floor.ports import DeviceKind, DeviceTrouble, LabelFate, LabelJob
from floor.work.prompt import PrintResult
from sync.paths import data_dir

_RESULTS = {
    PrintStatus.PRINTED: PrintResult.PRINTED,
    PrintStatus.LOST: PrintResult.LOST,
    PrintStatus.UNCERTAIN: PrintResult.UNCERTAIN,
}
_CANNOT_TELL = (PrintReason.NO_ANSWERS, PrintReason.NO_COUNTER)


class Printers(Protocol):
    """`PrintStation` in this process, or `StationClient`."""

    def printers(self) -> tuple[PrinterInfo, ...]: ...

    def conditions(self) -> tuple[Condition, ...]: ...

    def hand_over(self, job: PrintJob) -> JobFate: ...


class StationLabelPrinter:
    """Labels go to the station's first printer unless a person chose another."""

    def __init__(self, station: Printers) -> None:
        self._station = station

    def print_label(self, job: LabelJob, make: Callable[[int], bytes]) -> LabelFate:
        try:
            known = self._station.printers()
        except DeviceGone as gone:
            return LabelFate(PrintResult.LOST, str(gone), job.printer or "", ())
        chosen = next((info for info in known if info.name == job.printer), known[0] if not job.printer else None)
        if chosen is None:
            detail = f"{job.printer} is not at this station any more. Choose another printer."
            return LabelFate(PrintResult.LOST, detail, job.printer or "", tuple(info.name for info in known))
        reprint = None
        if job.reprint_of is not None:
            reprint = Reprint(JobId(job.reprint_of), job.reprint_reason or "")
        fate = self._station.hand_over(PrintJob(JobId(job.job_id), chosen.name, make(chosen.dpi), reprint))
        result = PrintResult.SENT if _is_only_sent(fate) else _RESULTS[fate.status]
        others = tuple(info.name for info in known if info.name != fate.printer)
        return LabelFate(result, fate.sentence, fate.printer, others)

    def troubles(self) -> tuple[DeviceTrouble, ...]:
        """Of the printers that can be asked; a service that is not there is one trouble."""
        try:
            askable = {info.name for info in self._station.printers() if info.answers}
            conditions = self._station.conditions()
        except DeviceGone as gone:
            return (DeviceTrouble(DeviceKind.PRINTER, "", str(gone)),)
        bad = (each for each in conditions if each.word != "ready" and each.name in askable)
        return tuple(DeviceTrouble(DeviceKind.PRINTER, each.name, each.sentence) for each in bad)


def _is_only_sent(fate: JobFate) -> bool:
    """Nothing is wrong: such a printer never tells more."""
    return fate.status is PrintStatus.UNCERTAIN and fate.reason in _CANNOT_TELL


def setups(profiles: Sequence[PrinterProfile]) -> list[PrinterSetup]:
    """The printers of a profile, as drivers know them."""
    return [
        PrinterSetup(
            PrinterName(profile.called), _place(profile), profile.dpi, profile.media, profile.answers, profile.timeout_s
        )
        for profile in profiles
    ]


def _place(profile: PrinterProfile) -> PrinterPlace:
    if profile.serial:
        return SerialSettings(profile.serial, profile.baud, flow=profile.flow)
    return DeviceFile(profile.device) if profile.device else TcpAddress(profile.host, profile.port)


def locks_folder() -> Path:
    """Where all programs of this machine lock the printers that they write to."""
    return data_dir() / "printers"


def station_socket() -> Path:
    """Where `floor station` listens unless its profile says otherwise."""
    return data_dir() / "station" / "station.sock"
