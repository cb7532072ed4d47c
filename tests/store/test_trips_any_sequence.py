"""However zones come across each other over an order: nothing is lost, and it can always be finished."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.record.rows import ListKind
from sync.store import tables as t
from sync.store.leading.moving import MoveRefused, move
from sync.store.leading.verifying import differences
from sync.store.orders.cancelling import cancel_order
from sync.store.orders.holding import OrderRefused, hold_order
from tests.store.floor_ledger import claim, let_go, row, short
from tests.store.small_site import SITE, SmallSite, small_site
from tests.store.trips import PARALLEL, PASS, Picker, in_zone, lay_out_zones, more_mugs_in_zone_b, take, trip

PICKERS = st.integers(0, 2)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("claim"), PICKERS),
        st.tuples(st.just("take"), PICKERS),
        st.tuples(st.just("bind"), PICKERS),
        st.tuples(st.just("pick"), PICKERS),
        st.tuples(st.just("short"), PICKERS),
        st.tuples(st.just("undo"), PICKERS),
        st.tuples(st.just("give back"), PICKERS),
        st.tuples(st.just("put down"), PICKERS),
        st.tuples(st.just("zone"), PICKERS),
        st.tuples(st.sampled_from(["cancel line", "move", "hold"]), PICKERS),
    ),
    max_size=14,
)


class Day:
    """Three pickers over one trip; what they do fits what they hold, or is refused."""

    def __init__(self, site: SmallSite, kind: ListKind) -> None:
        self.site = site
        lay_out_zones(site)
        more_mugs_in_zone_b(site)
        self.lists = trip(site, "O-1", kind)
        self.pickers = [Picker(site, number) for number in (1, 2, 3)]
        self.totes = iter(f"T-{number}" for number in range(1, 100))
        self.acts: dict[str, Callable[[Picker], object]] = {
            "claim": lambda who: who.does_one(claim(None)),
            "take": self.take,
            "bind": self.bind,
            "pick": self.pick,
            "short": self.short,
            "undo": lambda who: who.undoes() if who.events else None,
            "give back": self.give_back,
            "put down": self.put_down,
            "zone": lambda who: who.does_one(in_zone("ABC"[int(who.terminal_id[-1]) % 3])),
            "cancel line": lambda _: self.office(lambda: self.cancel_line()),
            "move": lambda _: self.office(self.move),
            "hold": lambda _: self.office(self.hold),
        }

    def held(self, who: Picker) -> int | None:
        heads = self.site.rows(t.pick_list, terminal_id=who.terminal_id, status="held")
        return int(heads[0]["list_id"]) if heads else None

    def take(self, who: Picker) -> None:
        for one in self.site.rows(t.tote, status="passed") + self.site.rows(t.tote, status="picking"):
            who.does_one(take(one["tote"]))

    def bind(self, who: Picker) -> None:
        list_id = self.held(who)
        if list_id is None:
            return
        head = who.head(list_id)
        if not head["totes"] or head["tote_gone"]:
            waiting = [code for code in head["totes"] if row(self.site, "tote", tote=code)["status"] == "passed"]
            who.begins(list_id, waiting[-1] if waiting else next(self.totes))

    def pick(self, who: Picker) -> None:
        list_id = self.held(who)
        if list_id is not None and who.head(list_id)["totes"] and not who.head(list_id)["tote_gone"]:
            who.picks(list_id)

    def short(self, who: Picker) -> None:
        list_id = self.held(who)
        for line in [] if list_id is None else self.site.rows(t.pick_line, list_id=list_id)[:1]:
            who.does_one(short(1, line["line_id"], token=who.token(line["list_id"])))

    def give_back(self, who: Picker) -> None:
        list_id = self.held(who)
        if list_id is not None:
            who.does_one(let_go(list_id, who.token(list_id)))

    def put_down(self, who: Picker) -> None:
        """Only what is done: the terminal asks for nothing else."""
        list_id = self.held(who)
        if list_id is None or not who.head(list_id)["totes"] or who.head(list_id)["tote_gone"]:
            return
        lines = self.site.rows(t.pick_line, list_id=list_id)
        if all(line["asked"] <= line["picked"] + line["shorted"] for line in lines):
            who.puts_down(list_id, "S1")

    def office(self, job: Callable[[], object]) -> None:
        with suppress(OrderRefused, MoveRefused):
            job()
        assert self.site.differences() == []

    def cancel_line(self) -> None:
        with self.site.write() as work:
            cancel_order(work, "O-1", by="Ruth", line_no=2)

    def move(self) -> None:
        for one in self.site.rows(t.pick_list, status="held"):
            with self.site.write() as work:
                move(work, one["list_id"], to=None, by="Ruth", hard=True, confirmed=True)

    def hold(self) -> None:
        with self.site.write() as work:
            hold_order(work, "O-1", reason="ask", by="Ruth")

    def finish(self) -> None:
        """Everybody goes on with what is there until nothing is: that takes a few rounds."""
        for who in self.pickers:
            who.does_one(in_zone(None))
        for _ in range(12):
            for who in self.pickers:
                for act in ("put down", "claim", "bind", "pick", "put down"):
                    self.acts[act](who)
        assert {str(one["status"]) for one in self.site.rows(t.pick_list)} <= {"handed_over", "cancelled"}
        full = {one["tote"] for one in self.site.rows(t.tote_content) if one["quantity"]}
        assert {row(self.site, "tote", tote=code)["status"] for code in full} <= {"to_pack"}


@pytest.mark.parametrize("kind", [PASS, PARALLEL])
def test_whatever_zones_do_nothing_is_lost_and_the_order_is_finished(kind: ListKind) -> None:
    @settings(max_examples=3)
    @given(ACTS)
    def over_one_order(acts: list[tuple[str, int]]) -> None:
        with tempfile.TemporaryDirectory() as folder, small_site(f"sqlite:///{Path(folder) / 'store.sqlite'}") as site:
            day = Day(site, kind)
            for act, number in acts:
                day.acts[act](day.pickers[number])
            day.finish()
            with site.database.read() as conn:
                assert list(differences(conn, SITE)) == []

    over_one_order()
