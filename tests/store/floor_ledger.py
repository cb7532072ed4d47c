"""Terminals that write ledgers and push them into a store's database, and short words for what workers do there."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import count
from typing import Any

from sync.record.facts import (
    CartonClosed,
    ClaimedList,
    Entry,
    Fact,
    How,
    LabelProven,
    LabelSent,
    LineShorted,
    LineSkipped,
    ListHandedOver,
    LocationConfirmed,
    PackedQuantity,
    PackProblem,
    PackReported,
    Picked,
    PieceVerified,
    PrintVerdict,
    PutInTote,
    ReleasedList,
    ShortReason,
    SsccAssigned,
    Stamp,
    ToteBound,
    Undone,
)
from sync.record.ids import (
    EventId,
    ItemId,
    LocationCode,
    LotCode,
    OrderLineId,
    PickLineId,
    PickListId,
    SiteId,
    Sscc,
    StreamId,
    TerminalId,
    ToteCode,
    WorkerId,
)
from sync.store import tables as t
from sync.store.entries import Trust
from sync.store.ledgers import receive
from sync.store.meeting import Mark
from sync.store.orders.allocating import allocate
from sync.store.orders.releasing import release
from sync.store.unit_of_work import UnitOfWork
from sync.wire.codec import encode_entry
from sync.wire.messages import Judged
from tests.store.small_site import NOW, SITE, SmallSite

GENESIS = "0" * 64
BELIEVED = Trust(is_revoked=False, may_rescue=True)
SCANNED = How.SCANNED


def stream_of(name: str) -> StreamId:
    return StreamId(hashlib.sha256(name.encode()).hexdigest()[:32])


def chained(prev_h: str, bodies: Sequence[bytes]) -> list[str]:
    """The hash after each body, reckoned here once more from the agreement's text."""
    hashes = []
    for body in bodies:
        digest = hashlib.sha256()
        digest.update(bytes.fromhex(prev_h))
        digest.update(body)
        prev_h = digest.hexdigest()
        hashes.append(prev_h)
    return hashes


class Ledger:
    """The ledger of one terminal: everything it wrote, and how it is pushed.

    It may use carton numbers, unless ``has_numbers`` is False.
    """

    def __init__(
        self, site: SmallSite, terminal_id: str = "HH-07", *, stream: str | None = None, has_numbers: bool = True
    ) -> None:
        self.site = site
        self.terminal_id = TerminalId(terminal_id)
        self.stream_id = stream_of(stream or terminal_id)
        if has_numbers:
            site.lease_numbers(terminal_id)
        self.worker_id: WorkerId | None = WorkerId("W1")
        self.bodies: list[bytes] = []
        self.events: list[EventId] = []
        self._numbers = count(1)

    def write(self, *facts: Fact, event_id: str | None = None, site_id: str = SITE) -> list[bytes]:
        """Append facts; returns their bodies."""
        for fact in facts:
            name = event_id or f"{self.stream_id[:12]}{next(self._numbers):08x}"
            stamp = Stamp(
                event_id=EventId(name),
                site_id=SiteId(site_id),
                terminal_id=self.terminal_id,
                worker_id=self.worker_id,
                at=NOW,
                boot_id="boot",
                since_boot_ms=len(self.bodies),
            )
            self.events.append(stamp.event_id)
            self.bodies.append(encode_entry(Entry(stamp=stamp, fact=fact)))
        return self.bodies[-len(facts) :]

    def h(self, seq: int) -> str:
        return chained(GENESIS, self.bodies[:seq])[-1] if seq else GENESIS

    def push(self, first: int, last: int | None = None) -> tuple[Mark, list[Judged]]:
        """Offer entries ``first`` to ``last`` (None: to the end) in a transaction of their own."""
        bodies = self.bodies[first - 1 : last]

        def job(work: UnitOfWork) -> tuple[Mark, list[Judged]]:
            return receive(work, self.stream_id, self.terminal_id, first, self.h(first - 1), bodies, BELIEVED)

        return self.site.database.run(SITE, job)

    def does(self, *facts: Fact) -> list[str]:
        """Write facts, push them as one batch and see that the books balance; returns the verdicts."""
        self.write(*facts)
        _, judged = self.push(len(self.bodies) - len(facts) + 1)
        assert self.site.differences() == []
        return [one.verdict if one.reason is None else f"{one.verdict}:{one.reason}" for one in judged]

    def does_one(self, fact: Fact) -> str:
        (verdict,) = self.does(fact)
        return verdict

    def undoes(self, event_id: EventId | None = None) -> str:
        return self.does_one(Undone(undoes=event_id or self.events[-1]))


def push_bytes(
    site: SmallSite, *bodies: bytes, stream: str = "raw", first: int = 1, prev_h: str = GENESIS
) -> list[str]:
    """Push bodies of any bytes as HH-07; returns the verdicts."""
    with site.write() as work:
        _, judged = receive(work, stream_of(stream), TerminalId("HH-07"), 1, prev_h, bodies, BELIEVED)
    return [one.verdict if one.reason is None else f"{one.verdict}:{one.reason}" for one in judged]


def claim(list_id: int | None = 1) -> ClaimedList:
    return ClaimedList(list_id=None if list_id is None else PickListId(list_id))


def let_go(list_id: int = 1, token: int = 2, *, missing: str | None = None) -> ReleasedList:
    gone = None if missing is None else ToteCode(missing)
    return ReleasedList(list_id=PickListId(list_id), token=token, missing=gone)


def bind(tote: str = "T-1", list_id: int = 1, token: int = 2) -> ToteBound:
    return ToteBound(list_id=PickListId(list_id), token=token, tote=ToteCode(tote), how=SCANNED)


def locate(line_id: int = 1, at: str = "A1", token: int = 2) -> LocationConfirmed:
    return LocationConfirmed(line_id=PickLineId(line_id), token=token, location=LocationCode(at), how=SCANNED)


def pick(
    quantity: int = 1, line_id: int = 1, item: str = "MUG", at: str = "A1", token: int = 2, lot: str | None = None
) -> Picked:
    return Picked(
        line_id=PickLineId(line_id),
        token=token,
        item_id=ItemId(item),
        location=LocationCode(at),
        quantity=quantity,
        how=SCANNED,
        code="",
        lot=None if lot is None else LotCode(lot),
    )


def put(quantity: int = 1, line_id: int = 1, tote: str = "T-1", token: int = 2) -> PutInTote:
    return PutInTote(line_id=PickLineId(line_id), token=token, tote=ToteCode(tote), quantity=quantity, how=SCANNED)


def skip(line_id: int = 1, token: int = 2) -> LineSkipped:
    return LineSkipped(line_id=PickLineId(line_id), token=token)


def short(quantity: int = 1, line_id: int = 1, reason: ShortReason = ShortReason.SHORT, token: int = 2) -> LineShorted:
    return LineShorted(line_id=PickLineId(line_id), token=token, quantity=quantity, reason=reason)


def hand_over(list_id: int = 1, token: int = 2) -> ListHandedOver:
    return ListHandedOver(list_id=PickListId(list_id), token=token, place=LocationCode("PACK01"), how=SCANNED)


def verify(quantity: int = 1, order_line_id: int = 1, item: str = "MUG", tote: str = "T-1") -> PieceVerified:
    return PieceVerified(
        tote=ToteCode(tote),
        order_line_id=OrderLineId(order_line_id),
        item_id=ItemId(item),
        quantity=quantity,
        how=SCANNED,
        code="",
    )


def report(
    problem: PackProblem, quantity: int = 1, order_line_id: int | None = 1, item: str = "MUG", tote: str = "T-1"
) -> PackReported:
    of_line = None if order_line_id is None else OrderLineId(order_line_id)
    return PackReported(
        tote=ToteCode(tote), order_line_id=of_line, item_id=ItemId(item), quantity=quantity, problem=problem
    )


def label(sscc: Sscc, tote: str = "T-1") -> tuple[Fact, Fact, Fact]:
    """The number is assigned, the label printed and scanned back."""
    return (
        SsccAssigned(tote=ToteCode(tote), sscc=sscc),
        LabelSent(sscc=sscc, printer="ZP-1", outcome=PrintVerdict.PRINTED),
        LabelProven(sscc=sscc),
    )


def close(sscc: Sscc, contents: dict[int, int], tote: str = "T-1") -> CartonClosed:
    """``contents``: pieces by order line."""
    packed = [PackedQuantity(order_line_id=OrderLineId(line), quantity=pieces) for line, pieces in contents.items()]
    return CartonClosed(sscc=sscc, tote=ToteCode(tote), contents=tuple(packed), weight_g=None)


def lay_out(site: SmallSite) -> None:
    """Two orders, released: list 1 asks 4 MUG at A1 (line 1) and 3 TEA at B1 (line 2), list 2 asks 2 MUG at A1 (3).

    Five MUG more have come to A2 since.
    """
    site.stock("A1", "MUG", 6, position=10)
    site.stock("B1", "TEA", 8, position=30)
    site.order("first", [("MUG", 4), ("TEA", 3)])
    site.order("second", [("MUG", 2)])
    with site.write() as work:
        allocate(work)
        release(work)
    site.stock("A2", "MUG", 5, position=20)


def row(site: SmallSite, table: str, **where: Any) -> dict[str, Any]:
    (found,) = site.rows(getattr(t, table), **where)
    return found


def kinds_opened(site: SmallSite) -> list[str]:
    """The discrepancies that still need a lead."""
    return [one["kind"] for one in site.rows(t.discrepancy) if one["settled_at"] is None]
