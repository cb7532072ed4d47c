"""A shift without a network: everything works, and all of it arrives by itself, once and in order, when it is back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from drivers.emulators.printer import EmulatedPrinter
from floor.work.prompt import Changed
from sync.store import tables as t
from sync.wire.codec import decode_entry
from tests.scenarios.dialogue import Player, read_dialogue
from tests.scenarios.shop import Shop
from tests.scenarios.terminal import PATIENCE_S, Terminal

SCRIPTS = Path(__file__).parent / "shift"
HOURS = 8


@pytest.fixture
def shop(any_database: str, tmp_path: Path) -> Iterator[Shop]:
    shop = Shop(tmp_path, any_database)
    shop.rules(lists_ahead=3)
    shop.orders({"P-1": [("SOAP", 2)], "P-2": [("BOWL", 1)]})
    shop.picked("P-1", "T-000008")
    shop.picked("P-2", "T-000009")
    orders = {"O-1": [("SOAP", 2), ("BOWL", 1)], "O-2": [("CANDLE", 3)], "O-3": [("SOAP", 1), ("CANDLE", 1)]}
    shop.orders({**orders, "O-4": [("BOWL", 2)], "O-5": [("SOAP", 1)]})
    shop.open()
    yield shop
    shop.close()


def play(shop: Shop, printer: EmulatedPrinter, terminal: Terminal, script: str) -> None:
    player = Player(shop, printer, terminal)
    for line in read_dialogue(SCRIPTS / f"{script}.txt"):
        player.play(line)


def written(terminal: Terminal) -> list[tuple[str, str]]:
    """What the terminal's ledger holds, in order."""
    rows = terminal.session._record.ledger.file.rows("SELECT event_id, body FROM entry ORDER BY seq")
    return [(event_id, decode_entry(body).fact.kind) for event_id, body in rows]


def delivered(shop: Shop, terminal: Terminal) -> list[tuple[str, str]]:
    """What the store holds of the terminal's stream, in order."""
    stream_id = terminal.session._record.ledger.stream_id()
    return [(one["event_id"], one["kind"]) for one in shop.site.rows(t.event, stream_id=stream_id)]


def lose_the_link(terminal: Terminal) -> None:
    terminal.wait_until(lambda _: not terminal.session.is_online())


def deliver_by_itself(terminal: Terminal) -> None:
    is_empty = terminal.session.wait_for(lambda: terminal.session.link().undelivered == 0, PATIENCE_S)
    assert is_empty, terminal.session.link()


def test_a_shift_without_a_network_arrives_whole_and_once(shop: Shop, printer: EmulatedPrinter, tmp_path: Path) -> None:
    with (
        Terminal(tmp_path, shop.url, None) as picker,
        Terminal(tmp_path, shop.url, printer, terminal_id="PK-01") as packer,
    ):
        both = (picker, packer)
        for terminal, script in zip(both, ("picker_comes", "packer_comes"), strict=True):
            terminal.wait_for("sign_in")
            play(shop, printer, terminal, script)
        before = [len(written(terminal)) for terminal in both]
        shop.shut()
        shop.now += timedelta(hours=HOURS)
        for terminal, script in zip(both, ("picker_works", "packer_works"), strict=True):
            lose_the_link(terminal)
            terminal.minutes_pass(HOURS * 60)
            play(shop, printer, terminal, script)
        for terminal, had in zip(both, before, strict=True):
            link = terminal.session.link()
            assert link.undelivered == len(written(terminal)) - had > 10
            assert link.oldest_undelivered_at is not None
            assert "lease_over" in {turn.notice.key for turn in terminal.said if turn.notice} or terminal is packer
        shop.open()
        for terminal in both:
            deliver_by_itself(terminal)
            assert delivered(shop, terminal) == written(terminal)
        assert picker.session.drain(PATIENCE_S)
        picker.wait_for_notice("verdict")
        picker.give(Changed())  # the notice was read; and nobody is there to walk what was not begun
        assert picker.session.held_lists() == ()
        assert picker.session.drain(PATIENCE_S)
    odd = [
        (one["kind"], one["verdict"], one["reason"]) for one in shop.site.rows(t.event) if one["verdict"] != "accepted"
    ]
    # There were more CANDLE elsewhere: nobody could say so off-line, and they are open demand again.
    assert odd == [("list_handed_over@1", "discrepancy", "handed-over-open")]
    assert shop.site.differences() == []
    everything_is_where_it_was_put(shop)
    assert printer.odometer == 2
    assert printer.problems == ()


def everything_is_where_it_was_put(shop: Shop) -> None:
    statuses = {ref: shop.list_status(ref) for ref in ("O-1", "O-2", "O-3", "O-4", "O-5", "P-1", "P-2")}
    assert statuses == {
        "O-1": "handed_over",
        "O-2": "handed_over",
        "O-3": "handed_over",
        "O-4": "open",
        "O-5": "open",
        "P-1": "handed_over",
        "P-2": "handed_over",
    }
    contents = shop.site.rows(t.tote_content)
    held = {(one["tote"], one["item_id"]): one["quantity"] for one in contents if one["quantity"]}
    assert held == {
        ("T-000001", "SOAP"): 2,
        ("T-000001", "BOWL"): 1,
        ("T-000002", "CANDLE"): 2,
        ("T-000003", "SOAP"): 1,
        ("T-000003", "CANDLE"): 1,
    }
    assert [(one["tote"], one["carton_no"]) for one in shop.site.rows(t.carton)] == [("T-000008", 1), ("T-000009", 1)]
