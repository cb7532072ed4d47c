"""What happens on the floor of a small site: facts of one terminal, judged by the store's own rules."""

from __future__ import annotations

from itertools import count
from typing import Any

from sync.record.facts import (
    CartonClosed,
    CartToteBound,
    ClaimedList,
    Entry,
    Fact,
    How,
    LabelProven,
    LabelSent,
    LineShorted,
    ListHandedOver,
    LocationConfirmed,
    PackedQuantity,
    Picked,
    PieceVerified,
    PrintVerdict,
    PutInTote,
    ShortReason,
    SsccAssigned,
    Stamp,
    ToteBound,
    Verdict,
)
from sync.record.ids import (
    EventId,
    ItemId,
    LocationCode,
    LotCode,
    PickLineId,
    PickListId,
    Sscc,
    TerminalId,
    ToteCode,
    WorkerId,
)
from sync.record.rows import ListKind
from sync.store import tables as t
from sync.store.bench import Bench
from sync.store.judging.judge import judge
from tests.store.small_site import NOW, SITE, SmallSite

SCANNED = How.SCANNED


def sscc(number: int) -> Sscc:
    """A valid SSCC of the test site: the check digit weighs 3, 1, 3 ... from the left."""
    digits = f"09521234{number:09}"
    weighted = sum(int(digit) * (3, 1)[place % 2] for place, digit in enumerate(digits))
    return Sscc(f"{digits}{-weighted % 10}")


class Floor:
    """A terminal at the site that does every step as its worker would."""

    def __init__(self, site: SmallSite, terminal_id: str = "HH-07") -> None:
        self.site = site
        self.terminal_id = TerminalId(terminal_id)
        self._events = count(1)
        site.lease_numbers(terminal_id)

    def happened(self, *facts: Fact) -> list[Verdict]:
        """Judge facts in one transaction; returns their verdicts."""
        with self.site.write() as work:
            bench = Bench(work)
            verdicts = [judge(bench, Entry(stamp=self._stamp(), fact=fact)) for fact in facts]
            bench.flush()
        return verdicts

    def claim(self, list_id: int, tote: str) -> None:
        token = self._token(list_id)
        bound = ToteBound(list_id=PickListId(list_id), token=token, tote=ToteCode(tote), how=SCANNED)
        self.happened(ClaimedList(list_id=PickListId(list_id)), bound)

    def claim_cart(self, list_id: int, *totes: str) -> None:
        """Take a cart and bind a tote to each of its orders, from its first position on."""
        self.happened(ClaimedList(list_id=PickListId(list_id)))
        token = self._token(list_id)
        for order, tote in zip(self.site.rows(t.list_order, list_id=list_id), totes, strict=True):
            self.happened(
                CartToteBound(
                    list_id=PickListId(list_id),
                    token=token,
                    order_id=order["order_id"],
                    position=order["position"],
                    tote=ToteCode(tote),
                    how=SCANNED,
                )
            )

    def pick(self, line_id: int, quantity: int) -> None:
        """Go before the line's location and put pieces of it into the tote in use."""
        line = self._line(line_id)
        token = self._token(line["list_id"])
        of_line = PickLineId(line_id)
        at = LocationCode(line["location"])
        (pick_list,) = self.site.rows(t.pick_list, list_id=line["list_id"])
        if pick_list["kind"] == ListKind.BATCH:
            (pick_list,) = self.site.rows(t.list_order, list_id=line["list_id"], order_id=line["order_id"])
        self.happened(
            LocationConfirmed(line_id=of_line, token=token, location=at, how=SCANNED),
            Picked(
                line_id=of_line,
                token=token,
                item_id=ItemId(line["item_id"]),
                location=at,
                quantity=quantity,
                how=SCANNED,
                code="",
                lot=LotCode(line["lot"]) if line["lot"] else None,
            ),
            PutInTote(
                line_id=of_line, token=token, tote=ToteCode(pick_list["totes"][-1]), quantity=quantity, how=SCANNED
            ),
        )

    def short(self, line_id: int, quantity: int, reason: ShortReason = ShortReason.SHORT) -> None:
        line = self._line(line_id)
        self.happened(
            LineShorted(
                line_id=PickLineId(line_id), token=self._token(line["list_id"]), quantity=quantity, reason=reason
            )
        )

    def hand_over(self, list_id: int) -> None:
        self.happened(
            ListHandedOver(
                list_id=PickListId(list_id), token=self._token(list_id), place=LocationCode("PACK01"), how=SCANNED
            )
        )

    def pack(self, tote: str, carton: Sscc) -> list[Verdict]:
        """Verify all that is in the tote and close it into one carton with a proven label."""
        inside = [row for row in self.site.rows(t.tote_content, tote=tote) if row["quantity"]]
        verified = [
            PieceVerified(
                tote=ToteCode(tote),
                order_line_id=row["order_line_id"],
                item_id=row["item_id"],
                quantity=row["quantity"],
                how=SCANNED,
                code="",
            )
            for row in inside
        ]
        contents = tuple(PackedQuantity(order_line_id=one.order_line_id, quantity=one.quantity) for one in verified)
        return self.happened(
            *verified,
            SsccAssigned(tote=ToteCode(tote), sscc=carton),
            LabelSent(sscc=carton, printer="ZP-1", outcome=PrintVerdict.PRINTED),
            LabelProven(sscc=carton),
            CartonClosed(sscc=carton, tote=ToteCode(tote), contents=contents, weight_g=None),
        )

    def _line(self, line_id: int) -> dict[str, Any]:
        (line,) = self.site.rows(t.pick_line, line_id=line_id)
        return line

    def _token(self, list_id: int) -> int:
        (pick_list,) = self.site.rows(t.pick_list, list_id=list_id)
        return int(pick_list["token"])

    def _stamp(self) -> Stamp:
        return Stamp(
            event_id=EventId(f"{self.terminal_id}-{next(self._events)}"),
            site_id=SITE,
            terminal_id=self.terminal_id,
            worker_id=WorkerId("W1"),
            at=NOW,
            boot_id="boot",
            since_boot_ms=0,
        )
