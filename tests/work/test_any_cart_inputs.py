"""Whatever happens at a cart: every piece is in one place, nothing is picked above what is asked, the walk can end."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drivers.emulators.printer import EmulatedPrinter
from floor.work.prompt import Key
from sync.record.codes.own import barcode_of, location_barcode
from sync.store import tables as t
from tests.scenarios.shop import PLACES, Shop, gtin
from tests.scenarios.terminal import Terminal
from tests.work.test_any_inputs import Act, Hands

ORDERS = {"O-1": [("SOAP", 2), ("CANDLE", 1)], "O-2": [("SOAP", 3), ("RADIO", 1)], "O-3": [("CREAM", 2), ("SOAP", 1)]}
CODES = [
    *(gtin(item_id) for item_id in PLACES),
    *(location_barcode(place) for place in (*PLACES.values(), "PACK01")),
    *(barcode_of(code) for code in ("T-000001", "T-000002", "T-000003", "T-000777", "C-UNDO", "C-PROBLEM")),
    *(barcode_of(f"P-07-{position}") for position in (1, 2, 3, 9)),
    *("L1", "SN-1", "SN-2"),
]
ACTS = st.one_of(
    st.just(("scan", "expected")),
    st.just(("scan", "expected")),
    st.just(("again", "expected")),
    st.tuples(st.just("scan"), st.sampled_from(CODES)),
    st.tuples(st.just("type"), st.sampled_from("0123456789")),
    st.tuples(st.just("press"), st.sampled_from([Key.ENTER, Key.UNDO, Key.BACK, Key.PROBLEM])),
    st.just(("restart", "")),
)


class AtCart(Hands):
    """The same worker, who may also lose power."""

    def do(self, act: Act) -> None:
        if act[0] == "restart":
            self._until_it_asks()
            self.terminal.restart()
            self._check()
        else:
            super().do(act)

    def _answer(self, step: str) -> None:
        if step in ("batch_tote", "batch_new_tote", "batch_place"):
            self.terminal.press("back")
        elif step == "batch_moved":
            self.terminal.press("enter")
        else:
            super()._answer(step)


@settings(max_examples=3, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ACTS, min_size=10, max_size=60))
def test_any_inputs_at_a_cart_leave_a_walk_that_can_be_finished(acts: list[Act]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder))
        shop.batch(ORDERS)
        shop.open()
        try:
            with (
                EmulatedPrinter(Path(folder) / "labels") as printer,
                Terminal(Path(folder), shop.url, printer) as terminal,
            ):
                terminal.wait_for("sign_in")
                hands = AtCart(terminal)
                for act in [("scan", "expected"), ("type", "1"), *acts]:
                    hands.do(act)
                hands.finish()
                assert terminal.session.drain(20.0)
                assert_all_is_accounted_for(shop)
        finally:
            shop.close()


def assert_all_is_accounted_for(shop: Shop) -> None:
    assert shop.site.differences() == []
    for line in shop.site.rows(t.order_line):
        gone = line["short"] + line["cut"] + line["cancelled"]
        assert line["packed"] + gone + line["allocated"] <= line["ordered"], line
    for line in shop.site.rows(t.pick_line):
        assert line["picked"] + line["shorted"] <= line["asked"], line
    of_line = {line["order_line_id"]: line["order_id"] for line in shop.site.rows(t.order_line)}
    for carton in shop.site.rows(t.carton):
        inside = shop.site.rows(t.carton_content, sscc=carton["sscc"])
        assert {of_line[row["order_line_id"]] for row in inside} == {carton["order_id"]}
