"""The label printer of a terminal, as the conversation uses it."""

from __future__ import annotations

from drivers.printers.zpl_printer import ZplPrinter
from drivers.readings import PrintStatus
from floor.config import PrinterProfile
from floor.work.prompt import PrintResult

_RESULTS = {
    PrintStatus.PRINTED: PrintResult.PRINTED,
    PrintStatus.LOST: PrintResult.LOST,
    PrintStatus.UNCERTAIN: PrintResult.UNCERTAIN,
}


class NetworkLabelPrinter:
    """A ZPL printer on TCP. One object alone writes to it from this process."""

    def __init__(self, profile: PrinterProfile) -> None:
        self._printer = ZplPrinter(profile.host, profile.port, profile.timeout_s)
        self._name = f"{profile.host}:{profile.port}"

    def name(self) -> str:
        return self._name

    def print_label(self, zpl: bytes) -> tuple[PrintResult, str]:
        outcome = self._printer.print_label(zpl)
        return _RESULTS[outcome.status], outcome.sentence
