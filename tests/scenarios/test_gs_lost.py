"""A scanner that drops GS is found out in work, and not blamed on the barcode."""

from __future__ import annotations

from floor.work.prompt import Tone
from sync.record.codes.own import barcode_of
from tests.scenarios.shop import Shop, gtin
from tests.scenarios.terminal import Terminal


def test_a_gs1_code_that_lacks_only_its_gs_is_blamed_on_the_scanner(shop: Shop, terminal: Terminal) -> None:
    shop.orders({"O-1": [("SOAP", 1)]})
    terminal.scan(barcode_of("B-1001"))
    terminal.catch_up(shop.position())
    terminal.type("1")
    terminal.wait_for("bind_tote")
    item = f"01{gtin('SOAP'):0>14}"
    for sent, key in ((f"{item}371\x1d10L7", "wrong_kind"), (f"{item}37110L7", "gs_lost")):
        notice = terminal.scan(sent, "]C1").notice
        assert notice is not None
        assert (notice.key, notice.tone, notice.values["expected"]) == (key, Tone.ERROR, "tote")
