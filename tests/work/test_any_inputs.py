"""Whatever is scanned, typed and pressed: nothing breaks or counts too often, and the work can be finished."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drivers.emulators.printer import EmulatedPrinter
from floor.work.expected import Surroundings, expected_scan
from floor.work.prompt import Key, Tone
from sync.record.codes.own import barcode_of, location_barcode
from sync.record.ids import LocationCode, ToteCode
from sync.record.picking import Walk
from sync.record.rows import ToteRow, ToteStatus
from sync.store import tables as t
from tests.scenarios.shop import ITEMS, PLACES, Shop, gtin
from tests.scenarios.terminal import Terminal

MOST_ACTS_TO_THE_END = 200
ORDERS = {"O-1": [("SOAP", 3), ("CANDLE", 2), ("CREAM", 2), ("RADIO", 2)], "O-2": [("BOWL", 2)]}

Act = tuple[str, str]
"""What is done (scan, again, type, press) and with what. The scan ``expected`` is what the prompt asks for."""

CODES = [
    *(gtin(item_id) for item_id in ITEMS),
    gtin("SOAP", "inner"),
    *(location_barcode(place) for place in (*PLACES.values(), "PACK01")),
    *(barcode_of(code) for code in ("T-000001", "T-000002", "T-000777", "B-1003", "B-9999", "C-UNDO", "C-PROBLEM")),
    *("L1", "L2", "SN-1", "SN-2", "4006381333931", "4006381333930", "T-000001-0", "", "\x1d", "00340123450000000017"),
]
SCANS = st.sampled_from(CODES) | st.text(max_size=12)
ACTS = st.one_of(
    st.just(("scan", "expected")),
    st.just(("again", "expected")),
    st.tuples(st.sampled_from(["scan", "again"]), SCANS),
    st.tuples(st.just("type"), st.sampled_from([*"0123456789", "x"])),
    st.tuples(st.just("press"), st.sampled_from([key.value for key in Key])),
)
LEFT_BY_BACK = (
    *(
        "problem",
        "short_reason",
        "new_tote",
        "reprint_reason",
        "sign_off",
        "pack_problem",
        "pack_which",
        "pack_how_many",
    ),
    *("sort_wall", "sort_tote", "count_place", "count_find", "count_sure", "count_problem", "zero_left"),
)


class Hands:
    """A worker with all that is needed within reach, who knows what would be right."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self._serials = 0

    def do(self, act: Act) -> None:
        self._until_it_asks()
        what, which = act
        terminal = self.terminal
        match what:
            case "type":
                terminal.type(which)
            case "press":
                terminal.press(which)
            case _:
                text = self._expected() if which == "expected" else which
                terminal.scan(text or "", after_ms=100 if what == "again" else 1000)
        self._check()

    def _check(self) -> None:
        """Nothing that was counted is more than was asked, and every scan is answered in some way."""
        walk = self.terminal.session.held_walk()
        for line in () if walk is None else walk.lines:
            assert 0 <= line.put <= line.picked, line
            assert line.shorted >= 0, line
            assert line.picked + line.shorted <= line.asked, line
        for row in self._to_pack():
            packing = self.terminal.session.packing(row.tote)
            for packed in () if packing is None else packing.lines:
                assert 0 <= packed.verified <= packed.in_tote, packed
        assert self.terminal.session.inbox_depth() == 0

    def finish(self) -> None:
        """Answer every prompt as it wants to be answered, until both orders are picked and packed."""
        for _ in range(MOST_ACTS_TO_THE_END):
            self._until_it_asks()
            step = self.terminal.turn.prompt.step
            if step == "no_work":
                self.terminal.press("back")
            elif step == "pack_tote" and not self._to_pack():
                return
            elif step == "pack_tote":
                assert self.terminal.session.drain(20.0)
                self._answer(step)
            else:
                self._answer(step)
            self._check()
        raise AssertionError(f"the work did not end; {self.terminal.turn.prompt}")

    def _answer(self, step: str) -> None:
        terminal = self.terminal
        expected = self._expected()
        match step:
            case "pin":
                terminal.press("undo")
                terminal.scan(barcode_of("B-1002"))
            case "menu":
                terminal.type("1" if self._is_work_left() else "2")
            case "handed_over" | "no_ssccs":
                assert terminal.session.drain(20.0)  # numbers come with the store's answer
                terminal.press("enter")
            case "scan_serial":
                self._serials += 1
                terminal.scan(f"SERIAL-{self._serials}")
            case "take_over" | "zero_check":
                terminal.type("1")
            case _ if step in LEFT_BY_BACK:
                terminal.press("back")
            case "count_go_to":
                terminal.press("problem")
                terminal.type("1")
            case "print_failed":
                terminal.type("1")
            case _:
                assert expected is not None, f"nothing would answer {terminal.turn.prompt}"
                turn = terminal.scan(expected)
                assert turn.notice is None or turn.notice.tone is not Tone.ERROR, turn

    def _is_work_left(self) -> bool:
        session = self.terminal.session
        if session.packing_in_hand() is not None:
            return False
        assert session.drain(20.0)
        return session.held_walk() is not None or session.open_list_count() > 0

    def _until_it_asks(self) -> None:
        while self.terminal.turn.prompt.busy:
            self.terminal.wait_until(lambda turn: not turn.prompt.busy)

    def _expected(self) -> str | None:
        full = self._to_pack()
        around = Surroundings(
            badge="B-1005",
            empty_tote=next((row.tote for row in self._totes() if row.status is ToteStatus.EMPTY), None),
            tote_to_pack=full[0].tote if full else None,
            place=LocationCode("PACK01"),
        )
        return expected_scan(self.terminal.conversation.desk, self.terminal.session, around)

    def _totes(self) -> list[ToteRow]:
        codes = [row.tote for row in self.terminal.session.rows("tote") if isinstance(row, ToteRow)]
        return [row for code in codes if (row := self.terminal.session.tote(ToteCode(code))) is not None]

    def _to_pack(self) -> list[ToteRow]:
        def is_full(row: ToteRow) -> bool:
            packing = self.terminal.session.packing(row.tote)
            return packing is not None and any(line.in_tote > 0 for line in packing.lines)

        return [row for row in self._totes() if is_full(row)]


def at_the_shop(play: Callable[[Shop, Hands], None]) -> None:
    """A fresh shop with two orders for every example, and a lead, who may do everything, at its terminal."""
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder))
        shop.orders(ORDERS)
        shop.open()
        try:
            with (
                EmulatedPrinter(Path(folder) / "labels") as printer,
                Terminal(Path(folder), shop.url, printer) as terminal,
            ):
                terminal.wait_for("sign_in")
                play(shop, Hands(terminal))
        finally:
            shop.close()


@settings(max_examples=4, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ACTS, min_size=5, max_size=60))
def test_any_inputs_leave_work_that_can_be_finished(acts: list[Act]) -> None:
    def play(shop: Shop, hands: Hands) -> None:
        for act in acts:
            hands.do(act)
        hands.finish()
        assert hands.terminal.session.drain(20.0)
        assert shop.site.differences() == []
        for line in shop.site.rows(t.order_line):
            gone = line["short"] + line["cut"] + line["cancelled"]
            assert line["packed"] + gone + line["allocated"] <= line["ordered"], line

    at_the_shop(play)


@settings(max_examples=4, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ACTS, min_size=5, max_size=40))
def test_terminal_and_store_agree_after_delivery(acts: list[Act]) -> None:
    """What the terminal folds over old rows off-line is what the store's tables say when they have judged the facts."""

    def play(shop: Shop, hands: Hands) -> None:
        terminal = hands.terminal
        terminal.scan(barcode_of("B-1005"))
        terminal.type("1")
        terminal.wait_for("bind_tote")
        shop.shut()
        for act in acts:
            if not terminal.turn.prompt.busy:
                hands.do(act)
        folded = terminal.session.held_walk()
        shop.open()
        assert terminal.session.drain(20.0)
        judged = terminal.session.held_walk()
        if folded is not None and judged is not None and folded.head.list_id == judged.head.list_id:
            assert _lines(judged, folded) == _lines(folded, folded)
            assert judged.head.totes == folded.head.totes

    at_the_shop(play)


def _lines(walk: Walk, known: Walk) -> list[tuple[object, ...]]:
    """The counts of the lines that were known off-line; the store may have added others after a short."""
    ids = {line.line_id for line in known.lines}
    return [
        (line.line_id, line.asked, line.picked, line.put, line.shorted, line.located, line.passes)
        for line in sorted(walk.lines, key=lambda line: line.line_id)
        if line.line_id in ids
    ]
