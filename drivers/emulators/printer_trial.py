"""A trial of a station and its printer: labels go through while power, paper and link fail at random.

Nobody decides anything: what is lost is handed over again, what is uncertain is only looked for. So no label may come
out twice, and none may be called printed that did not come out.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from drivers.emulators.printer import EmulatedPrinter
from drivers.printers.print_jobs import JobFate, JobId, PrinterName, PrintJob
from drivers.printers.station import PrintStation
from drivers.printers.station_printer import PrinterSetup
from drivers.readings import PrintStatus
from drivers.transport.tcp import TcpAddress

_PRINTER = PrinterName("trial")
_TIMEOUT_S = 0.3
_PRINT_TIME_S = 0.005
_LATEST_S = 0.03
"""A fault begins up to so long after a label was handed over, and lasts up to ten times as long."""

Trouble = tuple[Callable[[EmulatedPrinter], object], Callable[[EmulatedPrinter], object]]
TROUBLES: dict[str, Trouble] = {
    "power": (EmulatedPrinter.lose_power, EmulatedPrinter.restore_power),
    "paper": (EmulatedPrinter.run_out_of_paper, EmulatedPrinter.load_paper),
    "link": (EmulatedPrinter.lose_link, EmulatedPrinter.restore_link),
    "cut": (lambda printer: printer.cut_link_after(200), EmulatedPrinter.restore_link),
    "silence": (EmulatedPrinter.fall_silent, EmulatedPrinter.speak),
    "half answers": (lambda printer: printer.cut_answers_after(9), EmulatedPrinter.speak),
    "garbage": (lambda printer: printer.babble(b"\x02?!\x03\xff"), EmulatedPrinter.speak),
}


@dataclass(frozen=True, slots=True)
class TrialResult:
    """`troubled` counts the labels that met each fault, `told` what they were told first, `ended` at last."""

    labels: int
    doubled: int
    called_printed_and_were_not: int
    called_lost_and_were_not: int
    troubled: dict[str, int]
    told: dict[str, int]
    ended: dict[str, int]


def trial(folder: Path, labels: int, seed: int, share_troubled: float = 0.5) -> TrialResult:
    """Put so many labels through; `folder` takes the labels and the ledger."""
    dice = random.Random(seed)  # noqa: S311 - a trial that can be repeated, no secret
    troubled: Counter[str] = Counter()
    told: Counter[str] = Counter()
    fates: list[JobFate] = []
    with EmulatedPrinter(folder / "labels", print_time_s=_PRINT_TIME_S) as printer:
        setup = PrinterSetup(_PRINTER, TcpAddress(printer.host, printer.port), timeout_s=_TIMEOUT_S)
        with PrintStation(folder / "printing.db", folder / "locks", [setup]) as station:
            for number in range(labels):
                name = dice.choice(list(TROUBLES)) if dice.random() < share_troubled else None
                times = dice.random() * _LATEST_S, dice.random() * _LATEST_S * 10
                job = PrintJob(JobId(f"trial-{number}"), _PRINTER, _label(number))
                first = _under(name, printer, times, lambda job=job: station.hand_over(job))  # type: ignore[misc]
                troubled[name or "none"] += 1
                told[first.status.value] += 1
                fates.append(first if first.status is PrintStatus.PRINTED else station.hand_over(job))
    return _judged(folder / "labels", fates, troubled, told)


def _under(
    name: str | None, printer: EmulatedPrinter, times: tuple[float, float], act: Callable[[], JobFate]
) -> JobFate:
    """Do it while the trouble comes and goes."""
    if name is None:
        return act()
    begin, end = TROUBLES[name]
    over = threading.Event()

    def trouble() -> None:
        over.wait(times[0])
        begin(printer)
        over.wait(times[1])
        end(printer)

    troubling = threading.Thread(target=trouble)
    troubling.start()
    try:
        return act()
    finally:
        over.set()
        troubling.join()


def _label(number: int) -> bytes:
    return b"^XA^CI28^PW812^LL1218^LH0,0^PON^PQ1" + b"^FO30,30^A0N,40,40^FDcarton %d^FS" % number * 8 + b"^XZ"


def _judged(labels: Path, fates: list[JobFate], troubled: Counter[str], told: Counter[str]) -> TrialResult:
    came_out = Counter(path.read_bytes() for path in labels.glob("*.zpl"))
    copies = [came_out[_label(number)] for number in range(len(fates))]
    return TrialResult(
        labels=len(fates),
        doubled=sum(count > 1 for count in copies),
        called_printed_and_were_not=_wrong(fates, copies, PrintStatus.PRINTED, 1),
        called_lost_and_were_not=_wrong(fates, copies, PrintStatus.LOST, 0),
        troubled=dict(troubled),
        told=dict(told),
        ended=dict(Counter(fate.status.value for fate in fates)),
    )


def _wrong(fates: list[JobFate], copies: list[int], status: PrintStatus, right: int) -> int:
    return sum(fate.status is status and count != right for fate, count in zip(fates, copies, strict=True))
