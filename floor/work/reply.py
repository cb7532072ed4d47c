"""The conversation's state between two inputs, and what one input leads to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from floor.work.prompt import Notice, Tone
from sync.record.facts import Fact, How, PackedQuantity
from sync.record.ids import (
    EventId,
    ItemId,
    LocationCode,
    LotCode,
    OrderId,
    OrderLineId,
    PickLineId,
    PickListId,
    Serial,
    Sscc,
    ToteCode,
    WallId,
    WorkerId,
    ZoneId,
)
from sync.record.rows import CarrierLabelRow, PackingRow


class Activity(StrEnum):
    MENU = "menu"
    PICK = "pick"
    PACK = "pack"
    SORT = "sort"
    COUNT = "count"


class Asking(StrEnum):
    """A question that interrupts the step the record says we are at."""

    PIN = "pin"
    SIGN_OFF = "sign_off"
    PICK_PROBLEM = "pick_problem"
    SHORT_REASON = "short_reason"
    HOW_MANY = "how_many"
    LOT = "lot"
    SERIAL = "serial"
    WEIGHT = "grams"
    NEW_TOTE = "new_tote"
    ZONE = "zone"
    TOTE_PROBLEM = "tote_problem"
    CART_POSITION = "cart_position"
    CART_TOTE = "cart_tote"
    CART_PLACE = "cart_place"
    HANDED_OVER = "handed_over"
    TAKE_OVER = "take_over"
    PACK_PROBLEM = "pack_problem"
    PACK_WHICH = "pack_which"
    PACK_HOW_MANY = "pack_how_many"
    PRINTING = "printing"
    PRINT_FAILED = "print_failed"
    REPRINT_REASON = "reprint_reason"
    WEIGHT_DIFFERS = "weight_differs"
    RECOUNT = "recount"
    SORT_LOT = "sort_lot"
    SORT_PROBLEM = "sort_problem"
    SORT_WHICH = "sort_which"
    SORT_HOW_MANY = "sort_how_many"
    ZERO = "zero"
    ZERO_LEFT = "zero_left"
    COUNT_SURE = "count_sure"
    COUNT_PROBLEM = "count_problem"


@dataclass(frozen=True, slots=True)
class PendingPiece:
    """An item scan that waits for the narrower code: its lot, its serial."""

    code: str
    pieces: int
    lot: LotCode | None = None
    serial: Serial | None = None
    expiry: str | None = None
    """As GS1 writes it."""
    weight_g: int | None = None


@dataclass(frozen=True, slots=True)
class SortInHand:
    """Pieces out of a bulk tote that are not in their cubby yet."""

    pieces: int
    code: str
    how: How = How.SCANNED
    serial: Serial | None = None
    order_line_id: OrderLineId | None = None
    """Whose they are; None while their lot is asked for."""
    lot: LotCode | None = None


@dataclass(frozen=True, slots=True)
class Weighed:
    """The weighing of a carton is over: it holds as long as the carton holds the same pieces."""

    tote: ToteCode
    contents: tuple[PackedQuantity, ...]
    weight_g: int | None
    """None: the packer went on without one."""
    accepted_by: WorkerId | None = None
    """The lead who let it pass."""


@dataclass(frozen=True, slots=True)
class Desk:
    """All that the conversation remembers and the record does not: lost in a crash, and nothing with it."""

    activity: Activity = Activity.MENU
    asking: Asking | None = None
    entry: str = ""
    last_scan: str = ""
    last_scan_ms: int = -1_000_000
    pin_for: WorkerId | None = None
    pending: PendingPiece | None = None
    typed_total: int = 0
    reason: str = ""
    """What was chosen before the number was asked: a reason's code, or the digit of a problem."""
    line_id: PickLineId | None = None
    """The pick line that the question or the half-typed number belongs to."""
    order_id: OrderId | None = None
    """The order on the cart that the question is about."""
    position: int = 0
    """Of the cart, scanned for the tote that comes next; 0: the planned one."""
    tote: ToteCode | None = None
    """The tote at the pack station."""
    totes: tuple[ToteCode, ...] = ()
    """The totes that were handed over last."""
    item: ItemId | None = None
    """The item that was verified last: a typed number belongs to it."""
    odd_item: ItemId | None = None
    """What was scanned last and refused as too many or not for this tote: a problem reported now is about it."""
    set_aside: ToteCode | None = None
    """A tote that may not be packed on and was put aside: another may be scanned."""
    other_place: LocationCode | None = None
    """Where somebody would put pieces back instead of their own location: the same scan again means it."""
    wall: WallId | None = None
    """The put wall before which the worker stands."""
    in_hand: SortInHand | None = None
    sorting: ToteCode | None = None
    """The bulk tote in the hand: somebody may take it away."""
    warned: tuple[str, ...] = ()
    """The scan that was warned about, and of what: only the same scan again means it."""
    count_at: LocationCode | None = None
    """The location before which the worker stands to count it."""
    page: int = 0
    """Which of the choices are shown, where there are more than digits."""
    walking: PickListId | None = None
    """The list in the hand: somebody may take it away."""
    ahead_seen: tuple[int, int] | None = None
    """How many lists were held and open when one was last asked for in advance: the same is not asked twice."""
    zone_seen: tuple[ZoneId | None] | None = None
    """Where the worker picks, as they were told last: a lead may change it."""
    lease_told: bool = False
    """That the lease has run out was said."""
    carton_full: bool = False
    fault: str = ""
    """What the printer complained of."""
    printer: str | None = None
    """Where a person had labels printed instead of at the first printer."""
    other_printers: tuple[str, ...] = ()
    """Where they may be printed instead."""
    has_scale: bool = False
    """Cartons are weighed at this terminal."""
    scale: str = ""
    """Why the scale has no weight, as it said last."""
    weight_g: int = 0
    """The weight that differs from the expected one, while that is the question."""
    weighed: Weighed | None = None

    def ask(self, asking: Asking, **values: Any) -> Desk:
        return replace(self, asking=asking, entry="", **{"line_id": None, "page": 0, **values})

    def typing(self, entry: str) -> Desk:
        return replace(self, entry=entry)

    def plain(self, **values: Any) -> Desk:
        """Back to the step that the record says, nothing half-typed."""
        forgotten: dict[str, Any] = dict.fromkeys(
            ("pending", "line_id", "order_id", "odd_item", "other_place", "in_hand")
        )
        forgotten["warned"] = ()
        return replace(self, asking=None, entry="", position=0, **{**forgotten, **values})


@dataclass(frozen=True, slots=True)
class CheckPin:
    worker_id: WorkerId
    pin: str


@dataclass(frozen=True, slots=True)
class PrintLabel:
    """Print the ship label of the carton that is being packed."""

    packing: PackingRow
    sscc: Sscc
    pieces: int
    reprint_reason: str | None = None
    printer: str | None = None
    """The one that a person chose; None: the station's first."""
    weight_g: int | None = None
    carrier: CarrierLabelRow | None = None
    """The carrier's own label, printed in the same job."""
    instead: bool = False
    """Ours is not printed: the carrier's stands for it."""


@dataclass(frozen=True, slots=True)
class Tell:
    """These verdicts have now been said to the worker."""

    event_ids: tuple[EventId, ...]
    unanswered_scans: bool = False


@dataclass(frozen=True, slots=True)
class Recount:
    """Give UNDO for as long as the desk asks for a recount: all that is in the carton is verified again."""


@dataclass(frozen=True, slots=True)
class SetScale:
    """Set the scale to zero, or take what is on it as its tare."""

    is_tare: bool


Effect = CheckPin | PrintLabel | Tell | Recount | SetScale


@dataclass(frozen=True, slots=True)
class Reply:
    """What one input leads to: the next state, facts to be made durable first, something to say, something to do."""

    desk: Desk
    facts: tuple[Fact, ...] = ()
    notice: Notice | None = None
    effect: Effect | None = None
    worker_id: WorkerId | None = None
    """Whose facts they are, where that is not who is signed in."""


def refuse(desk: Desk, key: str, **values: str) -> Reply:
    """Nothing changes but the entry; the screen fills with what was scanned, what was expected, what to do."""
    return Reply(desk, notice=Notice(key, values, Tone.ERROR))


def say(desk: Desk, key: str, tone: Tone = Tone.QUIET, **values: str) -> Reply:
    return Reply(desk, notice=Notice(key, values, tone))
