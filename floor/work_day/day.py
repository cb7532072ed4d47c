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
from pathlib import Path

from drivers.emulators.printer import EmulatedPrinter
from floor.config import PrinterProfile
from floor.conversation import Conversation
from floor.enrolling import enrol_directly
from floor.labelling import label_maker
from floor.printing import NetworkLabelPrinter
from floor.store_process import StoreProcess
from floor.work_day.simulated_worker import Mishaps, SimulatedWorker
from floor.work_day.warehouse_floor import WarehouseFloor
from sync.record.ids import SiteId, TerminalId
from sync.record.rows import Role
from sync.store.database import Database
from sync.store.leading.reconciling import Reconciliation, reconcile
from sync.store.leading.reporting import Report, report
from sync.store.lookups import badges
from sync.store.orders.shipping import ship
from sync.terminal.session import TerminalSession, open_session

DRAIN_S = 60.0
DPI = 203


class NobodyToWork(Exception):
    """The site has no worker of the role that is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    db_url: str
    site_id: SiteId
    pickers: int
    packers: int
    seed: int
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
        at_hand = {role: _badges(database, plan.site_id, role) for role in (Role.PICKER, Role.PACKER)}
        printer = stack.enter_context(EmulatedPrinter(plan.labels, port=0))
        store = stack.enter_context(StoreProcess(plan.db_url, plan.site_id))
        label_printer = NetworkLabelPrinter(PrinterProfile(printer.host, printer.port))
        floor = WarehouseFloor(plan.pickers)
        workers = [
            _hire(stack, plan, database, store.url, label_printer, floor, role, number, at_hand[role])
            for role, count in ((Role.PICKER, plan.pickers), (Role.PACKER, plan.packers))
            for number in range(1, count + 1)
        ]
        _work(workers, floor, lambda: tell(_progress(workers, started)))
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


def _hire(
    stack: ExitStack,
    plan: DayPlan,
    database: Database,
    store_url: str,
    printer: NetworkLabelPrinter,
    floor: WarehouseFloor,
    role: Role,
    number: int,
    at_hand: Sequence[str],
) -> SimulatedWorker:
    name = f"SIM-{role.upper()}-{number:02d}"
    packs = role is Role.PACKER
    scopes = ("pack",) if packs else ()
    enrol_directly(database, plan.site_id, TerminalId(name), plan.terminals / name, scopes)
    session: TerminalSession = open_session(
        plan.terminals / name,
        site_id=plan.site_id,
        terminal_id=TerminalId(name),
        store_url=store_url,
        scopes=scopes,
    )
    stack.callback(session.close)
    session.start()
    conversation = Conversation(session, printer if packs else None, label_maker(session.site, DPI))
    return SimulatedWorker(
        name=name,
        badge=at_hand[(number - 1) % len(at_hand)],
        activity="2" if packs else "1",
        session=session,
        conversation=conversation,
        floor=floor,
        mishaps=plan.mishaps,
        rng=random.Random(f"{plan.seed} {name}"),  # noqa: S311 - a repeatable day, no secret
    )


def _work(workers: Sequence[SimulatedWorker], floor: WarehouseFloor, tell: Callable[[], None]) -> None:
    done = threading.Event()

    def watch() -> None:
        while not done.wait(1.0):
            tell()

    watcher = threading.Thread(target=watch, name="progress", daemon=True)
    watcher.start()
    try:
        with ThreadPoolExecutor(len(workers), thread_name_prefix="worker") as pool:
            runs: list[Future[None]] = [pool.submit(_shift, worker, floor) for worker in workers]
            for run in runs:
                run.result()
    finally:
        done.set()
        watcher.join()
        tell()


def _shift(worker: SimulatedWorker, floor: WarehouseFloor) -> None:
    try:
        worker.run()
        worker.session.drain(DRAIN_S)
    finally:
        if worker.activity == "1":
            floor.picker_done()


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
