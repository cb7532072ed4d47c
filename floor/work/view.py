"""What the conversation may read: the record as this terminal knows it, its own undelivered facts included."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from sync.record.counting import Count
from sync.record.delivery import Answered as Answered
from sync.record.facts import Counted, Fact
from sync.record.ids import (
    BadgeCode,
    EventId,
    Gtin,
    ItemId,
    LocationCode,
    OrderId,
    PickLineId,
    PickListId,
    Serial,
    Sscc,
    TerminalId,
    ToteCode,
    WallId,
    WorkerId,
    ZoneId,
)
from sync.record.picking import Walk
from sync.record.rows import (
    CarrierLabelRow,
    CartonRow,
    CubbyRow,
    ItemRow,
    LocationRow,
    PackingRow,
    PickListRow,
    ReasonRow,
    SiteRow,
    SortingRow,
    ToteRow,
    WorkerRow,
    ZoneRow,
)


class RecordView(Protocol):
    """Reads are cheap (microseconds to a millisecond) and always include what was recorded a moment ago."""

    def terminal_id(self) -> TerminalId: ...

    def site(self) -> SiteRow | None:
        """None until the first contact with the store."""
        ...

    def sign_in_is_over(self) -> bool:
        """The store was last heard too long ago for anybody to sign in (`SiteRow.offline_sign_in_h`)."""
        ...

    def signed_in(self) -> WorkerId | None:
        """Who is signed in, from the ledger's own facts: it survives a restart."""
        ...

    def worker(self, worker_id: WorkerId) -> WorkerRow | None: ...

    def worker_by_badge(self, badge: BadgeCode) -> WorkerRow | None: ...

    def item(self, item_id: ItemId) -> ItemRow | None: ...

    def item_by_gtin(self, gtin: Gtin) -> ItemRow | None: ...

    def location(self, code: LocationCode) -> LocationRow | None: ...

    def tote(self, tote: ToteCode) -> ToteRow | None: ...

    def carton(self, sscc: Sscc) -> CartonRow | None: ...

    def carrier_labels(self, order_id: OrderId) -> tuple[CarrierLabelRow, ...]:
        """The carrier's labels of the order that are here, by carton, with the cartons that have them."""
        ...

    def pick_list(self, list_id: PickListId) -> PickListRow | None: ...

    def open_list_count(self) -> int:
        """Lists that the worker might be given, of the zone they pick in, as far as this terminal knows."""
        ...

    def zone(self) -> ZoneId | None:
        """Where the worker who is signed in picks; None: anywhere."""
        ...

    def zones_to_choose(self) -> tuple[ZoneRow, ...]:
        """By id; none where the lead says who picks where, and where nothing is picked by zone."""
        ...

    def open_lists_of_zone(self, zone_id: ZoneId) -> int: ...

    def held_lists(self) -> tuple[PickListRow, ...]:
        """What this terminal holds and has neither handed over nor given back: the list in hand, then those ahead."""
        ...

    def held_walk(self) -> Walk | None:
        """The list in hand: of those that this terminal holds the one that was begun, else the most urgent."""
        ...

    def packing(self, tote: ToteCode) -> PackingRow | None: ...

    def packing_in_hand(self) -> PackingRow | None:
        """The tote that this terminal has begun to verify and whose last carton is not closed yet."""
        ...

    def last_undoable(self, list_id: PickListId) -> tuple[EventId, Fact] | None:
        """The newest own pick, put, short, skip or tote of this list that has not been taken back.

        None after a hand-over, of the list or of an order, and where the tote was bound to the list before already.
        """
        ...

    def done_with(self, list_id: PickListId, event_id: EventId) -> tuple[EventId, ...]:
        """This fact of the list and those of its kind that were recorded in the same step, the newest first."""
        ...

    def last_undoable_packing(self, tote: ToteCode) -> tuple[EventId, Fact] | None:
        """The newest own verification or report for this tote; None once the carton has its number."""
        ...

    def walk_worker(self) -> WorkerId | None:
        """Whose the held list is: who did something for it last, here, or who asked for it."""
        ...

    def has_picked(self, list_id: PickListId, item_id: ItemId, serial: Serial) -> bool:
        """This terminal has picked this piece for the list and not taken it back."""
        ...

    def left_at(self, line_id: PickLineId) -> int | None:
        """Pieces of the line's item and lot that the record leaves at its location, what was picked here included."""
        ...

    def reasons(self) -> tuple[ReasonRow, ...]:
        """The site's table of reasons by digit; the shipped one before the store has sent it."""
        ...

    def today(self) -> date: ...

    def count_in_hand(self) -> Count | None:
        """The count that was begun here or, where none was, that the store has given to this terminal."""
        ...

    def open_counts(self, worker_id: WorkerId | None) -> int:
        """How many counts wait that this worker may do, as far as this terminal knows."""
        ...

    def count_claim_pending(self) -> bool:
        """A count was asked for and there is no answer yet."""
        ...

    def last_undoable_count(self) -> tuple[EventId, Counted] | None:
        """The newest find of the count in hand."""
        ...

    def sorting(self, tote: ToteCode) -> SortingRow | None:
        """A bulk tote that waits at a put wall or is sorted."""
        ...

    def sorting_in_hand(self) -> SortingRow | None:
        """The bulk tote that the store has given to this terminal and that was not left here since."""
        ...

    def sort_claim_pending(self) -> bool:
        """A bulk tote was asked for and there is no answer yet."""
        ...

    def last_undoable_sort(self, tote: ToteCode) -> tuple[EventId, Fact] | None:
        """The newest own put or report of the tote in hand; None behind a return to stock."""
        ...

    def cubby(self, code: ToteCode) -> CubbyRow | None: ...

    def walls(self) -> tuple[WallId, ...]:
        """The put walls of the site."""
        ...

    def wall_at(self, location: LocationCode) -> WallId | None:
        """The put wall that stands at this location."""
        ...

    def is_online(self) -> bool:
        """The store answered the last time that it was asked."""
        ...

    def lease_is_over(self) -> bool:
        """The store was last heard so long ago that what is held here may have been given to another terminal."""
        ...

    def claim_pending(self) -> bool:
        """A claim for a list was written and has no verdict yet."""
        ...

    def sscc_claim_pending(self) -> bool:
        """A range of carton numbers was asked for and is not here yet."""
        ...

    def next_sscc(self) -> Sscc | None:
        """The next number of the leased range; None when none is left."""
        ...

    def unused_ssccs(self) -> int: ...

    def to_tell(self) -> tuple[Answered, ...]:
        """Verdicts the worker has not been told of yet."""
        ...

    def unanswered_scans(self) -> tuple[str, ...]:
        """Scans that came in before a crash and were never answered: they do not count and must be made again."""
        ...
