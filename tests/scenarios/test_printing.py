"""While the label is being printed: the dialogue waits for the printer, and what the printer says is never lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from drivers.emulators.printer import EmulatedPrinter
from floor.conversation import Conversation
from floor.labelling import label_maker
from floor.ports import LabelFate, LabelJob
from floor.work.prompt import Changed, Key, Pressed, PrintResult, Scan, Typed
from sync.record.codes.own import barcode_of
from sync.record.facts import LabelSent, PrintVerdict
from sync.record.ids import ToteCode
from sync.store import tables as t
from tests.drivers.waiting import eventually
from tests.scenarios.shop import Shop, gtin
from tests.scenarios.terminal import PATIENCE_S, Terminal


class Gate:
    """A printer that says what became of the label when the test lets it."""

    def __init__(self) -> None:
        self.labels: list[bytes] = []
        self.jobs: list[LabelJob] = []
        self.others: tuple[str, ...] = ()
        self.result = (PrintResult.PRINTED, "")
        self._opened = threading.Event()

    def print_label(self, job: LabelJob, make: Callable[[int], bytes]) -> LabelFate:
        self.jobs.append(job)
        self.labels.append(make(203))
        assert self._opened.wait(PATIENCE_S)
        return LabelFate(*self.result, job.printer or "gate", self.others)

    def open(self) -> None:
        self._opened.set()


class Station:
    """The pack station of the small site with one piece to pack, at the moment when its label prints."""

    def __init__(self, shop: Shop, terminal: Terminal, gate: Gate) -> None:
        self.session = terminal.session
        self.gate = gate
        self._news = threading.Event()
        self._now_ms = 0
        self.conversation = Conversation(self.session, gate, label_maker(self.session.site))
        self.conversation.on_change(self._news.set)
        shop.orders({"O-1": [("SOAP", 1)]})
        shop.picked("O-1", "T-000001")
        self.scan(barcode_of("B-1002"))
        self.conversation.give(Typed("2"))
        terminal.catch_up(shop.position())
        assert self.session.drain(PATIENCE_S)
        self.scan(barcode_of("T-000001"))
        assert self.scan(gtin("SOAP")) == "printing"

    def scan(self, text: str) -> str:
        self._now_ms += 1000
        turn = self.conversation.give(Scan(text, None, self.conversation.take_in(text, None), self._now_ms))
        self.notice = turn.notice
        return turn.prompt.step

    def let_it_print(self, *results: PrintResult) -> str:
        """The printer answers; returns the step that follows."""
        self._news.clear()
        if results:
            self.gate.result = (results[0], "out of labels")
        self.gate.open()
        while (turn := self.conversation.give(Changed())).prompt.step == "printing":
            assert self._news.wait(PATIENCE_S)
            self._news.clear()
        self.notice = turn.notice
        return turn.prompt.step

    def outcomes(self) -> list[PrintVerdict]:
        entries = self.session._record.ledger.since("tote:T-000001", 0)
        return [entry.fact.outcome for entry in entries if isinstance(entry.fact, LabelSent)]


@pytest.fixture
def station(shop: Shop, terminal: Terminal) -> Iterator[Station]:
    gate = Gate()
    yield Station(shop, terminal, gate)
    gate.open()


def test_a_scan_while_the_label_prints_is_not_applied_and_that_is_said(station: Station) -> None:
    assert station.scan(gtin("BOWL")) == "printing"
    assert station.notice is not None
    assert station.notice.key == "not_applied"
    for key in Key:
        assert station.conversation.give(Pressed(key)).prompt.step == "printing"
    assert station.let_it_print() == "scan_label"


@pytest.mark.parametrize(
    ("result", "step", "notice", "verdict"),
    [
        (PrintResult.PRINTED, "scan_label", None, PrintVerdict.PRINTED),
        (PrintResult.LOST, "print_failed", "print_failed", PrintVerdict.LOST),
        (PrintResult.UNCERTAIN, "scan_label", "label_uncertain", PrintVerdict.UNCERTAIN),
        (PrintResult.SENT, "scan_label", None, PrintVerdict.UNCERTAIN),
    ],
)
def test_what_the_printer_says_is_recorded_and_told(
    station: Station, result: PrintResult, step: str, notice: str | None, verdict: PrintVerdict
) -> None:
    assert station.let_it_print(result) == step
    assert (None if station.notice is None else station.notice.key) == notice
    assert station.outcomes() == [verdict]
    assert len(station.gate.labels) == 1  # nothing is sent again by itself


def test_a_label_that_was_lost_goes_to_another_printer_only_when_its_digit_is_pressed(station: Station) -> None:
    station.gate.others = ("pack-2", "pack-3")
    assert station.let_it_print(PrintResult.LOST) == "print_failed"
    prompt = station.conversation.turn().prompt
    assert [(choice.digit, choice.values.get("printer")) for choice in prompt.choices[1:]] == [
        ("2", "pack-2"),
        ("3", "pack-3"),
    ]
    assert station.conversation.give(Typed("4")).prompt.step == "print_failed"
    assert [job.printer for job in station.gate.jobs] == [None]
    station.gate.result = (PrintResult.PRINTED, "")
    assert station.conversation.give(Typed("3")).prompt.step == "printing"
    assert station.let_it_print() == "scan_label"
    assert station.conversation.turn().prompt.values["printer"] == "pack-3"
    first, second = station.gate.jobs
    assert (first.job_id, second.printer, second.reprint_of) == (second.job_id, "pack-3", None)


def test_a_reprint_is_a_job_of_its_own_that_names_the_one_it_repeats(station: Station) -> None:
    assert station.let_it_print(PrintResult.UNCERTAIN) == "scan_label"
    station.conversation.give(Pressed(Key.REPRINT))
    station.gate.result = (PrintResult.PRINTED, "")
    assert station.conversation.give(Typed("3")).prompt.step == "printing"
    assert station.let_it_print() == "scan_label"
    first, second = station.gate.jobs
    assert first.job_id != second.job_id
    assert (second.reprint_of, second.reprint_reason) == (first.job_id, "lost")
    assert (first.reprint_of, first.reprint_reason) == (None, None)


def test_a_label_that_printed_while_its_order_was_cancelled_is_recorded(station: Station, shop: Shop) -> None:
    shop.order_becomes("O-1", "cancelled")
    assert station.session.wait_for(lambda: _is_stopped(station), PATIENCE_S)
    assert station.conversation.give(Changed()).prompt.step == "put_back"
    assert station.conversation.give(Pressed(Key.BACK)).prompt.step == "menu"
    station.let_it_print()
    assert station.session.wait_for(lambda: _has_come(station), PATIENCE_S)
    assert station.outcomes() == [PrintVerdict.PRINTED]


def _is_stopped(station: Station) -> bool:
    packing = station.session.packing_in_hand()
    return packing is not None and packing.stop is not None


def _has_come(station: Station) -> bool:
    station.conversation.give(Changed())
    return bool(station.outcomes())


def test_a_printer_that_breaks_in_its_own_code_leaves_the_label_uncertain(shop: Shop, terminal: Terminal) -> None:
    gate = Gate()
    gate.open()

    def broken(job: LabelJob, make: Callable[[int], bytes]) -> LabelFate:
        raise RuntimeError("the driver broke")

    gate.print_label = broken  # type: ignore[method-assign]
    station = Station(shop, terminal, gate)
    assert station.let_it_print() == "scan_label"
    assert station.notice is not None
    assert station.notice.key == "label_uncertain"
    assert "the driver broke" in station.notice.values["detail"]


def test_an_address_that_no_font_can_draw_is_said_and_held_and_never_printed(
    shop: Shop, terminal: Terminal, printer: EmulatedPrinter
) -> None:
    shop.orders({"O-1": [("SOAP", 1)], "O-2": [("BOWL", 1)]})
    # Before the terminal can have heard of the tote and its address.
    shop.site.change(t.orders, {"ship_name": "\U0001f600\ue000"}, order_ref="O-1")
    shop.picked("O-1", "T-000001")
    shop.picked("O-2", "T-000002")
    terminal.scan(barcode_of("B-1002"))
    terminal.type("2")
    terminal.wait_until(lambda _: terminal.session.packing(ToteCode("T-000002")) is not None)
    terminal.scan(barcode_of("T-000001"))
    terminal.scan(gtin("SOAP"))
    turn = terminal.wait_for_notice("label_refused")
    assert turn.notice is not None
    assert turn.notice.values == {"detail": "ship-to name"}
    assert turn.prompt.step == "pack_tote"  # the next tote is not kept waiting
    terminal.drain()
    assert [row["reason"] for row in shop.site.rows(t.order_hold)] == ["address"]
    assert terminal.scan(barcode_of("T-000001")).prompt.step == "pack_stop"
    assert terminal.press("enter").prompt.step == "pack_tote"
    terminal.scan(barcode_of("T-000002"))
    assert terminal.scan(gtin("BOWL")).prompt.step == "printing"
    terminal.wait_for("scan_label")
    assert printer.odometer == 1


def test_a_terminal_that_dies_while_its_label_prints_does_not_print_it_again(
    shop: Shop, terminal: Terminal, printer: EmulatedPrinter
) -> None:
    shop.orders({"O-1": [("SOAP", 1)]})
    shop.picked("O-1", "T-000001")
    terminal.scan(barcode_of("B-1002"))
    terminal.type("2")
    session = terminal.session
    terminal.wait_until(lambda _: session.packing(ToteCode("T-000001")) is not None and session.unused_ssccs() > 0)
    terminal.scan(barcode_of("T-000001"))
    assert terminal.scan(gtin("SOAP")).prompt.step == "printing"
    eventually(lambda: printer.odometer == 1)  # and the terminal has not been told of it yet
    assert terminal.restart().prompt.step == "print_failed"
    assert terminal.type("1").prompt.step == "printing"
    terminal.wait_for("scan_label")
    assert printer.odometer == 1
