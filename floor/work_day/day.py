"""A whole day, worked: simulated pickers and packers at real sessions, a real store, a real socket, a real printer."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from drivers.emulators.printer import EmulatedPrinter
from drivers.printers.station import PrintStation
from floor.config import PrinterProfile
from floor.conversation import Conversation
from floor.enrolling import enrol_directly
from floor.labelling import label_maker
from floor.printing import StationLabelPrinter, setups
from floor.store_process import StoreProcess
from floor.work_day.simulated_packer import SimulatedPacker
from floor.work_day.simulated_picker import SimulatedPicker
from floor.work_day.simulated_sorter import SimulatedSorter
from floor.work_day.simulated_worker import Mishaps, SimulatedWorker, Terminal
from floor.work_day.warehouse_floor import WarehouseFloor
from sync.record.ids import SiteId, TerminalId
from sync.record.rows import Role
from sync.store.database import Database
from sync.store.leading.reconciling import Reconciliation, reconcile
from sync.store.leading.reporting import Report, report
from sync.store.lookups import badges, zones_with_work
from sync.store.orders.shipping import ship
from sync.terminal.session import TerminalSession, open_session

DRAIN_S = 60.0


class NobodyToWork(Exception):
    """The site has no worker of the role that is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    db_url: str
    site_id: SiteId
    pickers: int
    packers: int
    seed: int
    sorters: int = 0
    labels: Path
    terminals: Path
    """Folder for the terminals' own files."""
    mishaps: Mishaps = field(default_factory=Mishaps)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayResult:
    seconds: float
    workers: dict[str, dict[str, int]]
    totals: dict[str, int]
    labels_printed: int
    cartons_shipped: int
    report: Report
    reconciliation: Reconciliation


@dataclass(frozen=True, slots=True)
class Progress:
    """Handed out while the day runs."""

    scans: int
    lists: int
    totes: int
    seconds: float


def work_day(plan: DayPlan, tell: Callable[[Progress], None]) -> DayResult:
    """Work until nothing that was released is left, ship, and reconcile. Raises `DayStalled`, `NobodyToWork`."""
    started = time.monotonic()
    with ExitStack() as stack:
        database = Database(plan.db_url)
        stack.callback(database.close)
        printer = stack.enter_context(EmulatedPrinter(plan.labels, port=0))
        store = stack.enter_context(StoreProcess(plan.db_url, plan.site_id))
        printers = setups([PrinterProfile(printer.host, printer.port)])
        folder = plan.terminals / "printers"
        label_printer = StationLabelPrinter(stack.enter_context(PrintStation(folder / "printing.db", folder, printers)))
        station = _Station(stack, plan, database, store.url, label_printer)
        floor = WarehouseFloor(plan.pickers, plan.sorters)
        workers = [
            worker
            for kind, role, count in _shift_of(plan)
            for worker in _hire(kind, count, plan, station, floor, _badges(database, plan.site_id, role))
        ]
        _work(workers, lambda: tell(_progress(workers, started)))
        for worker in workers:
            if not worker.session.drain(DRAIN_S):
                raise TimeoutError(f"{worker.name} could not deliver everything: {worker.session.link()}")
    return _result(plan, workers, printer.odometer, started)


def _badges(database: Database, site_id: SiteId, role: Role) -> Sequence[str]:
    """Workers of the role who sign in by badge alone."""
    with database.read() as conn:
        found = [each.badge for each in badges(conn, site_id) if role in each.roles and not each.needs_pin]
    if not found:
        raise NobodyToWork(f"site {site_id} has no {role} who signs in by badge alone")
    return found


@dataclass(frozen=True, slots=True)
class _Station:
    """Where terminals are taken from the charger."""

    stack: ExitStack
    plan: DayPlan
    database: Database
    store_url: str
    printer: StationLabelPrinter

    def terminal(self, name: str, *, packs: bool) -> Terminal:
        plan, scopes = self.plan, ("pack",) if packs else ()
        enrol_directly(self.database, plan.site_id, TerminalId(name), plan.terminals / name, scopes)
        session: TerminalSession = open_session(
            plan.terminals / name,
            site_id=plan.site_id,
            terminal_id=TerminalId(name),
            store_url=self.store_url,
            scopes=scopes,
        )
        self.stack.callback(session.close)
        session.start()
        conversation = Conversation(session, self.printer if packs else None, label_maker(session.site))
        return Terminal(session, conversation)


def _shift_of(plan: DayPlan) -> tuple[tuple[type[SimulatedWorker], Role, int], ...]:
    return (
        (SimulatedPicker, Role.PICKER, plan.pickers),
        (SimulatedSorter, Role.PICKER, plan.sorters),
        (SimulatedPacker, Role.PACKER, plan.packers),
    )


def _hire(
    kind: type[SimulatedWorker],
    count: int,
    plan: DayPlan,
    station: _Station,
    floor: WarehouseFloor,
    at_hand: Sequence[str],
) -> list[SimulatedWorker]:
    """Every third of them works in all zones, the others in one each, where the site has work by zone."""
    if kind is SimulatedSorter:
        at_hand = at_hand[::-1]  # other people than the pickers, as far as there are enough
    with station.database.read() as conn:
        zones = zones_with_work(conn, plan.site_id)
    hired = []
    for number in range(1, count + 1):
        name = f"SIM-{kind.__name__.removeprefix('Simulated').upper()}-{number:02d}"
        hired.append(
            kind(
                name=name,
                badge=at_hand[(number - 1) % len(at_hand)],
                terminal=station.terminal(name, packs=kind is SimulatedPacker),
                floor=floor,
                mishaps=plan.mishaps,
                rng=random.Random(f"{plan.seed} {name}"),  # noqa: S311 - a repeatable day, no secret
                another_terminal=partial(station.terminal, f"{name}-B", packs=kind is SimulatedPacker),
                zone=zones[number % len(zones)] if zones and number % 3 else None,
            )
        )
    return hired


def _work(workers: Sequence[SimulatedWorker], tell: Callable[[], None]) -> None:
    done = threading.Event()

    def watch() -> None:
        while not done.wait(1.0):
            tell()

    watcher = threading.Thread(target=watch, name="progress", daemon=True)
    watcher.start()
    try:
        with ThreadPoolExecutor(len(workers), thread_name_prefix="worker") as pool:
            runs: list[Future[None]] = [pool.submit(_shift, worker) for worker in workers]
            for run in runs:
                run.result()
    finally:
        done.set()
        watcher.join()
        tell()


def _shift(worker: SimulatedWorker) -> None:
    try:
        worker.run()
        worker.session.drain(DRAIN_S)
    finally:
        worker.done()


def _progress(workers: Sequence[SimulatedWorker], started: float) -> Progress:
    total: Counter[str] = sum((worker.counts.copy() for worker in workers), Counter())
    return Progress(total["scans"], total["lists"], total["totes"], time.monotonic() - started)


def _result(plan: DayPlan, workers: Sequence[SimulatedWorker], labels: int, started: float) -> DayResult:
    database = Database(plan.db_url)
    try:
        with database.write(plan.site_id) as work:
            shipped = ship(work)
        with database.read() as conn:
            stands, adds_up = report(conn, plan.site_id), reconcile(conn, plan.site_id)
    finally:
        database.close()
    return DayResult(
        seconds=round(time.monotonic() - started, 1),
        workers={worker.name: dict(sorted(worker.counts.items())) for worker in workers},
        totals=dict(sorted(sum((worker.counts for worker in workers), Counter()).items())),
        labels_printed=labels,
        cartons_shipped=shipped.cartons,
        report=stands,
        reconciliation=adds_up,
    )
