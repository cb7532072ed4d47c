"""A terminal's side of the record, as the floor uses it: `floor.ports.Session`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from sync.record.codes.sscc import sscc
from sync.record.delivery import Answered, Link
from sync.record.facts import Entry, Fact
from sync.record.ids import (
    BadgeCode,
    EventId,
    Gtin,
    ItemId,
    LocationCode,
    OrderId,
    PickListId,
    Serial,
    SiteId,
    Sscc,
    TerminalId,
    ToteCode,
    WorkerId,
)
from sync.record.picking import Walk
from sync.record.rows import (
    CarrierLabelRow,
    CartonRow,
    ItemRow,
    LocationRow,
    PackingRow,
    PickListRow,
    Row,
    SiteRow,
    SsccRangeRow,
    ToteRow,
    WorkerRow,
)
from sync.record.signing_in import PinAnswer, is_over
from sync.terminal.client import StoreClient
from sync.terminal.download import Downloader
from sync.terminal.identity import Identity, identity_of
from sync.terminal.ledger import carton_number
from sync.terminal.local_record import LocalRecord
from sync.terminal.overlay import LIST_CLAIM, SSCC_CLAIM
from sync.terminal.pins import PinGate
from sync.terminal.sort_view import SortView
from sync.terminal.stamper import Stamper, boot_id
from sync.terminal.stock_view import StockView
from sync.terminal.sync_loop import Pace, SyncLoop
from sync.terminal.upload import Uploader
from sync.terminal.zone_view import ZoneView

_CLOSE_TIMEOUT_S = 0.8


def open_session(
    path: Path,
    *,
    site_id: SiteId,
    terminal_id: TerminalId,
    store_url: str | None,
    scopes: tuple[str, ...] = (),
    stamper: Stamper | None = None,
    pace: Pace | None = None,
) -> TerminalSession:
    """Open, or make, the record in folder ``path``. Nothing is sent before `TerminalSession.start`.

    With ``store_url`` None the terminal works alone. Its key is the one in the folder, where it was enrolled. Raises
    `StorageFailed` when the folder cannot be used, `BadIdentity` when its key cannot.
    """
    identity = identity_of(path, site_id, terminal_id)
    stamper = stamper or Stamper(site_id=site_id, terminal_id=terminal_id, boot_id=boot_id())
    record = LocalRecord(path, stamper)
    return TerminalSession(record, identity=identity, store_url=store_url, scopes=scopes, pace=pace or Pace())


class TerminalSession(StockView, ZoneView, SortView):
    """Used from one thread; two more deliver and follow the store behind it once it was started.

    Everything may raise `StorageFailed`: then nothing was recorded.
    """

    def __init__(
        self,
        record: LocalRecord,
        *,
        identity: Identity | None,
        store_url: str | None,
        scopes: tuple[str, ...],
        pace: Pace,
    ) -> None:
        self._record = record
        self._identity = identity
        self._lock = record.changed
        self._pins = PinGate(record.ledger, record.stamper, record.changed)
        self._terminal_id = record.stamper.terminal_id
        self._clients: list[StoreClient] = []
        self._loops: list[SyncLoop] = []
        self.uploader: Uploader | None = None
        self.downloader: Downloader | None = None
        if store_url is not None:
            self._connect(store_url, scopes, pace)

    def _connect(self, store_url: str, scopes: tuple[str, ...], pace: Pace) -> None:
        site_id = self._record.stamper.site_id
        up, down = (StoreClient(store_url, site_id, self._terminal_id, self._identity) for _ in range(2))
        self._clients = [up, down]
        self.uploader = Uploader(self._record, up, pace, self._delivered)
        self.downloader = Downloader(self._record, down, pace, scopes, self._wake_upload)
        self._loops = [
            SyncLoop("deliver", self.uploader.round, self.uploader.failed),
            SyncLoop("follow", self.downloader.round, self.downloader.failed),
        ]

    # Its life.

    def start(self) -> None:
        """Begin to deliver and to follow the store; both go on by themselves until `close`."""
        for loop in self._loops:
            loop.start()

    def close(self) -> None:
        """End within two seconds, even while the store keeps a question open. Nothing recorded is lost by it."""
        for loop in self._loops:
            loop.stop()
        for client in self._clients:
            client.close()
        for loop in self._loops:
            loop.join(_CLOSE_TIMEOUT_S)
        self._record.close()

    def wait_for(self, predicate: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until something is true of the record; False when it was not in time."""
        with self._lock:
            return self._lock.wait_for(predicate, timeout_s)

    def drain(self, timeout_s: float) -> bool:
        """Wait until the store has judged everything and the rows here contain it; False when it was not in time."""
        deadline = time.monotonic() + timeout_s
        self._wake_upload()
        if not self.wait_for(self._is_delivered, timeout_s):
            return False
        if self.downloader is not None and not self._is_reflected():
            self.downloader.hurry()
        return self.wait_for(self._is_reflected, deadline - time.monotonic())

    def _is_delivered(self) -> bool:
        return self._record.ledger.acked() == self._record.ledger.head().seq

    def _is_reflected(self) -> bool:
        return self._is_delivered() and self._record.overlay.reflected_seq() >= self._record.ledger.head().seq

    def _wake_upload(self) -> None:
        if self._loops:
            self._loops[0].wake()

    def _delivered(self) -> None:
        if self.downloader is not None:
            self.downloader.expect()
            self._loops[1].wake()

    def still(self) -> AbstractContextManager[object]:
        return self._lock

    # Writing.

    def take_in(self, text: str, symbology: str | None) -> int:
        with self._lock:
            return self._record.inbox.take_in(text, symbology)

    def record(self, facts: Sequence[Fact], *, worker_id: WorkerId | None, answers: int = 0) -> list[EventId]:
        with self._lock:
            stamps = self._record.stamper.stamps(worker_id, len(facts))
            entries = [Entry(stamp=stamp, fact=fact) for stamp, fact in zip(stamps, facts, strict=True)]
            new = self._record.overlay.place(entries)
            self._record.ledger.append(new, answers=answers)
            self._record.inbox.taken_off(answers)
            self._record.overlay.recorded(new)
            self._lock.notify_all()
        self._wake_upload()
        return [stamp.event_id for stamp in stamps]

    def answered(self, inbox_id: int) -> None:
        with self._lock:
            self._record.inbox.answered(inbox_id)

    def inbox_depth(self) -> int:
        with self._lock:
            return self._record.inbox.depth()

    def unanswered_scans(self) -> tuple[str, ...]:
        with self._lock:
            return self._record.inbox.left_over()

    def forget_unanswered(self) -> None:
        with self._lock:
            self._record.inbox.forget_left_over()

    def tell(self, event_ids: Sequence[EventId]) -> None:
        with self._lock:
            self._record.verdicts.tell(event_ids)

    # The link.

    def link(self) -> Link:
        return self._record.link()

    def on_change(self, callback: Callable[[], None]) -> None:
        self._record.on_change(callback)

    def to_tell(self) -> tuple[Answered, ...]:
        with self._lock:
            return self._record.verdicts.to_tell()

    def claim_pending(self) -> bool:
        with self._lock:
            return self._record.verdicts.claim_pending(LIST_CLAIM, self._record.overlay.reflected_seq())

    def sscc_claim_pending(self) -> bool:
        with self._lock:
            return self._record.verdicts.claim_pending(SSCC_CLAIM, self._record.overlay.reflected_seq())

    # Who works here.

    def terminal_id(self) -> TerminalId:
        return self._terminal_id

    def signed_in(self) -> WorkerId | None:
        with self._lock:
            return self._record.ledger.signed_in()

    def sign_in_is_over(self) -> bool:
        site = self.site()
        if site is None or self.link().online:
            return False
        with self._lock:
            since_contact_s = self._record.contact.since_s()
        return is_over(since_contact_s=since_contact_s, hours=site.offline_sign_in_h)

    def lease_is_over(self) -> bool:
        site = self.site()
        if site is None or self.link().online:
            return False
        with self._lock:
            since_contact_s = self._record.contact.since_s()
        return since_contact_s is not None and since_contact_s > site.lease_min * 60

    def is_online(self) -> bool:
        return self.link().online

    def check_pin(self, worker_id: WorkerId, pin: str) -> PinAnswer:
        pepper = None if self._identity is None else self._identity.pin_pepper
        return self._pins.check(worker_id, self.worker(worker_id), pin, pepper)

    # What the store has told.

    def site(self) -> SiteRow | None:
        with self._lock:
            return self._record.replica.site()

    def worker(self, worker_id: WorkerId) -> WorkerRow | None:
        with self._lock:
            row = self._record.replica.get("worker", worker_id)
        return row if isinstance(row, WorkerRow) else None

    def worker_by_badge(self, badge: BadgeCode) -> WorkerRow | None:
        with self._lock:
            return self._record.replica.worker_by_badge(badge)

    def item(self, item_id: ItemId) -> ItemRow | None:
        with self._lock:
            row = self._record.replica.get("item", item_id)
        return row if isinstance(row, ItemRow) else None

    def item_by_gtin(self, gtin: Gtin) -> ItemRow | None:
        with self._lock:
            return self._record.replica.item_by_gtin(gtin)

    def location(self, code: LocationCode) -> LocationRow | None:
        with self._lock:
            row = self._record.replica.get("location", code)
        return row if isinstance(row, LocationRow) else None

    def rows(self, kind: str) -> list[Row]:
        """Every row of a kind as the store sent it, for demos and simulated workers."""
        with self._lock:
            return self._record.replica.all(kind)

    # The same with the terminal's own facts.

    def tote(self, tote: ToteCode) -> ToteRow | None:
        with self._lock:
            return self._record.overlay.tote(tote)

    def carton(self, sscc: Sscc) -> CartonRow | None:
        with self._lock:
            return self._record.overlay.carton(sscc)

    def carrier_labels(self, order_id: OrderId) -> tuple[CarrierLabelRow, ...]:
        with self._lock:
            return self._record.overlay.carrier_labels(order_id)

    def pick_list(self, list_id: PickListId) -> PickListRow | None:
        with self._lock:
            return self._record.overlay.pick_list(list_id)

    def held_lists(self) -> tuple[PickListRow, ...]:
        with self._lock:
            return self._record.overlay.held_lists()

    def held_walk(self) -> Walk | None:
        with self._lock:
            return self._record.overlay.held_walk()

    def packing(self, tote: ToteCode) -> PackingRow | None:
        with self._lock:
            return self._record.overlay.packing(tote)

    def packing_in_hand(self) -> PackingRow | None:
        with self._lock:
            return self._record.overlay.packing_in_hand()

    def last_undoable(self, list_id: PickListId) -> tuple[EventId, Fact] | None:
        with self._lock:
            return self._record.overlay.last_undoable(list_id)

    def done_with(self, list_id: PickListId, event_id: EventId) -> tuple[EventId, ...]:
        with self._lock:
            return self._record.overlay.done_with(list_id, event_id)

    def last_undoable_packing(self, tote: ToteCode) -> tuple[EventId, Fact] | None:
        with self._lock:
            return self._record.overlay.last_undoable_packing(tote)

    def walk_worker(self) -> WorkerId | None:
        with self._lock:
            return self._record.overlay.walk_worker()

    def has_picked(self, list_id: PickListId, item_id: ItemId, serial: Serial) -> bool:
        with self._lock:
            return self._record.overlay.has_picked(list_id, item_id, serial)

    # Carton numbers.

    def next_sscc(self) -> Sscc | None:
        with self._lock:
            site = self._record.replica.site()
            if site is None:
                return None
            for leased in self._record.replica.sscc_ranges(self._terminal_id):
                serial_ref = self._next_serial(site, leased)
                if serial_ref <= leased.last:
                    return sscc(0, site.company_prefix, serial_ref)
        return None

    def unused_ssccs(self) -> int:
        with self._lock:
            site = self._record.replica.site()
            if site is None:
                return 0
            ranges = self._record.replica.sscc_ranges(self._terminal_id)
            return sum(max(0, leased.last - self._next_serial(site, leased) + 1) for leased in ranges)

    def _next_serial(self, site: SiteRow, leased: SsccRangeRow) -> int:
        """One above the last that was used of the range; numbers that were passed over are not used any more."""
        first = carton_number(sscc(0, site.company_prefix, leased.first))
        used = self._record.ledger.last_number(first, first + leased.last - leased.first)
        return leased.first if used is None else leased.first + used - first + 1
