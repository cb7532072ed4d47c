"""Whatever two terminals write, sensible or not: the books balance and nothing is counted above its order."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from sync.record.facts import (
    CartonClosed,
    ClaimedSsccs,
    Fact,
    How,
    LabelProven,
    LabelSent,
    PackedQuantity,
    PackProblem,
    PieceVerified,
    PrintVerdict,
    ReportedEmpty,
    ShortReason,
    SignedIn,
    SignedOut,
    SsccAssigned,
    Undone,
)
from sync.record.ids import EventId, ItemId, LocationCode, OrderLineId, Sscc, ToteCode
from sync.store import tables as t
from sync.store.leading.verifying import differences
from tests.store import floor_ledger as say
from tests.store.floor_ledger import Ledger, lay_out
from tests.store.small_floor import sscc
from tests.store.small_site import SITE, SmallSite, small_site

LINES = st.integers(1, 7)
LISTS = st.integers(1, 3)
TOKENS = st.integers(0, 6)
PIECES = st.sampled_from([1, 1, 1, 2, 3, 5, 0, -1, 10**12])
TOTES = st.sampled_from(["T-1", "T-2", "T-3"])
PLACES = st.sampled_from(["A1", "A2", "B1", "Z9"])
ITEMS = st.sampled_from(["MUG", "MUG", "TEA", "LAMP"])
SSCCS = st.sampled_from([sscc(1), sscc(2), sscc(3), Sscc("7")])

PICKING: st.SearchStrategy[Fact] = st.one_of(
    st.builds(say.claim, st.none() | LISTS),
    st.builds(say.let_go, LISTS, TOKENS),
    st.builds(say.bind, TOTES, LISTS, TOKENS),
    st.builds(say.locate, LINES, PLACES, TOKENS),
    st.builds(say.pick, PIECES, LINES, ITEMS, PLACES, TOKENS, st.none() | st.just("L1")),
    st.builds(say.put, PIECES, LINES, TOTES, TOKENS),
    st.builds(say.skip, LINES, TOKENS),
    st.builds(say.short, PIECES, LINES, st.sampled_from(ShortReason), TOKENS),
    st.builds(say.hand_over, LISTS, TOKENS),
    st.builds(ReportedEmpty, location=PLACES.map(LocationCode)),
)
PACKING: st.SearchStrategy[Fact] = st.one_of(
    st.builds(say.verify, PIECES, LINES, ITEMS, TOTES),
    st.builds(say.report, st.sampled_from(PackProblem), PIECES, st.none() | LINES, ITEMS, TOTES),
    st.builds(SsccAssigned, tote=TOTES.map(ToteCode), sscc=SSCCS),
    st.builds(LabelSent, sscc=SSCCS, printer=st.just("ZP-1"), outcome=st.sampled_from(PrintVerdict)),
    st.builds(LabelProven, sscc=SSCCS),
    st.builds(
        CartonClosed,
        sscc=SSCCS,
        tote=TOTES.map(ToteCode),
        contents=st.lists(
            st.builds(PackedQuantity, order_line_id=LINES.map(OrderLineId), quantity=PIECES), max_size=3
        ).map(tuple),
        weight_g=st.none() | st.integers(-1, 2000),
    ),
    st.builds(ClaimedSsccs, count=st.integers(-1, 2000)),
    st.sampled_from([SignedIn(), SignedOut()]),
)


class AnySequence(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.context = small_site(f"sqlite:///{Path(self.folder.name) / 'floorhand.sqlite'}")
        self.site: SmallSite = self.context.__enter__()
        lay_out(self.site)
        self.ledgers = [Ledger(self.site), Ledger(self.site, "HH-08")]
        self.verdicts: dict[tuple[str, int], tuple[str, str | None]] = {}

    def teardown(self) -> None:
        with self.site.database.read() as conn:
            proved = list(differences(conn, SITE))
        self.context.__exit__(None, None, None)
        self.folder.cleanup()
        assert proved == []

    @initialize()
    def two_walks_begin(self) -> None:
        first, second = self.ledgers
        self.push(first, say.claim(1), say.bind("T-1", 1), say.locate(), say.pick(2))
        self.push(second, say.claim(2), say.bind("T-2", 2))

    @rule(who=st.integers(0, 1), facts=st.lists(PICKING | PACKING, min_size=1, max_size=6))
    def anything_is_pushed(self, who: int, facts: list[Fact]) -> None:
        self.push(self.ledgers[who], *facts)

    @rule(who=st.integers(0, 1), data=st.data())
    def something_is_undone(self, who: int, data: st.DataObject) -> None:
        events = [event for ledger in self.ledgers for event in ledger.events]
        self.push(self.ledgers[who], Undone(undoes=EventId(data.draw(st.sampled_from(events)))))

    @rule(who=st.integers(0, 1), line_id=LINES, quantity=st.integers(1, 3))
    def a_line_is_picked_as_it_asks(self, who: int, line_id: int, quantity: int) -> None:
        for line in self.site.rows(t.pick_line, line_id=line_id):
            (head,) = self.site.rows(t.pick_list, list_id=line["list_id"])
            fact = say.pick(quantity, line_id, line["item_id"], line["location"], head["token"])
            self.push(self.ledgers[who], fact)

    @rule(who=st.integers(0, 1), line_id=LINES, quantity=st.integers(1, 3), reason=st.sampled_from(ShortReason))
    def a_line_is_shorted_and_perhaps_not(self, who: int, line_id: int, quantity: int, reason: ShortReason) -> None:
        for line in self.site.rows(t.pick_line, line_id=line_id):
            (head,) = self.site.rows(t.pick_list, list_id=line["list_id"])
            self.push(self.ledgers[who], say.short(quantity, line_id, reason, head["token"]))
            if quantity == 2:
                self.push(self.ledgers[who], Undone(undoes=self.ledgers[who].events[-1]))

    @rule(who=st.integers(0, 1), list_id=LISTS, carton=SSCCS, when=st.integers(0, 4))
    def a_list_is_handed_over_and_packed(self, who: int, list_id: int, carton: Sscc, when: int) -> None:
        if when:  # rarely: what has been handed over is not picked any more
            return
        for head in self.site.rows(t.pick_list, list_id=list_id):
            self.push(self.ledgers[who], say.hand_over(list_id, head["token"]))
            for tote in head["totes"][-1:]:
                self.push(self.ledgers[who], *self.packed(tote, carton))

    def packed(self, tote: str, carton: Sscc) -> list[Fact]:
        (known,) = self.site.rows(t.tote, tote=tote)
        lines = {one["order_line_id"] for one in self.site.rows(t.order_line, order_id=known["order_id"])}
        inside = [one for one in self.site.rows(t.tote_content, tote=tote) if one["order_line_id"] in lines]
        verified = [
            PieceVerified(
                tote=ToteCode(tote),
                order_line_id=one["order_line_id"],
                item_id=ItemId(one["item_id"]),
                quantity=one["quantity"] - one["verified"],
                how=How.SCANNED,
                code="",
            )
            for one in inside
        ]
        contents = tuple(
            PackedQuantity(order_line_id=one["order_line_id"], quantity=one["quantity"])
            for one in inside
            if one["quantity"]
        )
        closed = CartonClosed(sscc=carton, tote=ToteCode(tote), contents=contents, weight_g=None)
        return [*verified, *say.label(carton, tote), closed]

    @rule(who=st.integers(0, 1), data=st.data())
    def a_piece_is_pushed_again(self, who: int, data: st.DataObject) -> None:
        ledger = self.ledgers[who]
        first = data.draw(st.integers(1, len(ledger.bodies)))
        last = data.draw(st.integers(first, len(ledger.bodies)))
        before = self.everything()
        self.compare(ledger, first, last)
        assert self.everything() == before

    @rule(who=st.integers(0, 1), data=st.data())
    def a_clone_brings_a_fact_again(self, who: int, data: st.DataObject) -> None:
        """Under a stream of its own, with the same event id."""
        original = self.ledgers[who]
        clone = Ledger(self.site, original.terminal_id, stream=f"clone {len(self.everything()['event'])}")
        clone.bodies.append(data.draw(st.sampled_from(original.bodies)))
        before = self.everything(but=("event", "stream"))
        _, (judged,) = clone.push(1)
        assert judged.verdict == "duplicate"
        assert self.everything(but=("event", "stream")) == before

    def push(self, ledger: Ledger, *facts: Fact) -> None:
        ledger.write(*facts)
        self.compare(ledger, len(ledger.bodies) - len(facts) + 1, len(ledger.bodies))

    def compare(self, ledger: Ledger, first: int, last: int) -> None:
        """Push, and see that every entry has one verdict for ever, and that no rule broke."""
        mark, judged = ledger.push(first, last)
        assert (mark.hwm, mark.head_h) == (len(ledger.bodies), ledger.h(len(ledger.bodies)))
        assert [one.seq for one in judged] == list(range(first, last + 1))
        for one in judged:
            assert one.reason != "rule-broke"
            said = (one.verdict, one.reason)
            assert self.verdicts.setdefault((ledger.stream_id, one.seq), said) == said

    def everything(self, but: tuple[str, ...] = ()) -> dict[str, list[Any]]:
        with self.site.database.read() as conn:
            return {
                name: [tuple(one) for one in conn.execute(select(table).order_by(*table.primary_key))]
                for name, table in t.metadata.tables.items()
                if name not in (*but, "terminal")
            }

    @invariant()
    def the_books_balance(self) -> None:
        assert self.site.differences() == []

    @invariant()
    def nothing_is_counted_above_its_order(self) -> None:
        for line in self.site.rows(t.order_line):
            gone = line["cancelled"] + line["cut"] + line["short"]
            assert 0 <= line["shipped"] <= line["packed"] <= line["picked"] <= line["ordered"] - gone
            assert line["allocated"] >= 0
        for line in self.site.rows(t.pick_line):
            assert 0 <= line["put"] <= line["picked"]
            assert line["picked"] + line["shorted"] <= line["asked"]
        for content in self.site.rows(t.tote_content):
            assert 0 <= content["verified"] <= content["quantity"]

    @invariant()
    def a_list_is_held_by_one_or_by_nobody(self) -> None:
        for head in self.site.rows(t.pick_list):
            assert head["status"] != "held" or head["terminal_id"] is not None
            assert head["status"] != "open" or head["terminal_id"] is None


AnySequence.TestCase.settings = settings(max_examples=15, stateful_step_count=30)
TestAnySequence = AnySequence.TestCase
