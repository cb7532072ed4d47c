"""What a scan is, whatever the prompt."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.record.codes.own import location_barcode
from sync.record.codes.scanned import (
    BadgeScan,
    CommandScan,
    ItemScan,
    LocationScan,
    MisreadScan,
    PlainScan,
    Scanned,
    SsccScan,
    ToteScan,
    read_code,
)
from sync.record.ids import BadgeCode, Gtin, LocationCode, LotCode, Serial, Sscc, ToteCode

GTIN = Gtin("04006381333931")
SSCC = Sscc("340123450000000017")


@pytest.mark.parametrize(
    ("text", "symbology", "scanned"),
    [
        (location_barcode("A03-12-2"), None, LocationScan(LocationCode("A03-12-2"))),
        (location_barcode("A03-12-2"), "]C0", LocationScan(LocationCode("A03-12-2"))),
        ("4006381333931", None, ItemScan(GTIN)),
        ("4006381333931", "]E0", ItemScan(GTIN)),
        ("4006381333930", None, PlainScan("4006381333930")),
        (f"00{SSCC}", None, SsccScan(SSCC)),
        (f"00{SSCC}", "]C1", SsccScan(SSCC)),
        ("00340123450000000018", None, PlainScan("00340123450000000018")),
        ("00340123450000000018", "]C1", MisreadScan("00340123450000000018")),
        (f"01{GTIN}17261130" + "10L1\x1d21S1", "]d2", ItemScan(GTIN, LotCode("L1"), "261130", Serial("S1"))),
        (f"01{GTIN}3712", "]C1", ItemScan(GTIN, pieces=12)),
        (f"01{GTIN}370", "]C1", MisreadScan(f"01{GTIN}370")),
        # A scanner that drops GS, or sends another sign for it: told apart from a barcode that is read wrong.
        (f"01{GTIN}3712" + "10L1", "]C1", MisreadScan(f"01{GTIN}3712" + "10L1", separator_lost=True)),
        (f"01{GTIN}10L1|21S1", "]d2", MisreadScan(f"01{GTIN}10L1|21S1", separator_lost=True)),
        (f"01{GTIN}10L1{{GS}}21S1", "]Q3", MisreadScan(f"01{GTIN}10L1{{GS}}21S1", separator_lost=True)),
        (f"01{GTIN}10L1\x1d99", "]d2", MisreadScan(f"01{GTIN}10L1\x1d99")),
        ("10L1", "]d2", PlainScan("L1")),
        ("21S1", "]Q3", PlainScan("S1")),
        ("410" + "4006381333931", "]C1", PlainScan("4104006381333931")),
        # A symbol that says it is GS1 and is not: neither an item nor one of our codes is read out of it.
        ("4006381333931", "]C1", PlainScan("4006381333931")),
        (location_barcode("A03-12-2"), "]C1", MisreadScan(location_barcode("A03-12-2"))),
        # GS1 content without its mark is a text like any other.
        (f"01{GTIN}10L1", None, PlainScan(f"01{GTIN}10L1")),
        (f"01{GTIN}10L1", "]C0", PlainScan(f"01{GTIN}10L1")),
        ("", None, PlainScan("")),
    ],
)
def test_a_scan_is_resolved_to_its_kind(text: str, symbology: str | None, scanned: Scanned) -> None:
    assert read_code(text, symbology) == scanned


def test_each_of_our_letters_is_a_kind() -> None:
    from sync.record.codes.own import barcode_of

    assert read_code(barcode_of("T-000193"), None) == ToteScan(ToteCode("T-000193"))
    assert read_code(barcode_of("B-1001"), None) == BadgeScan(BadgeCode("B-1001"))
    assert read_code(barcode_of("C-UNDO"), None) == CommandScan("UNDO")
    assert read_code("T-000193-0", None) == MisreadScan("T-000193-0")


def test_separators_are_part_of_the_code() -> None:
    """What ``strip`` and ``split`` take for white space must not be lost: ASCII 28 to 31."""
    assert "\x1d".strip() == ""
    assert read_code("4006381333931\x1d", None) == PlainScan("4006381333931\x1d")
    assert read_code("T-000193\x1d", None) == PlainScan("T-000193\x1d")
    assert read_code("\x1d01" + GTIN, "]C1") == ItemScan(GTIN)
    assert read_code("10L1\x1d", "]C1") == PlainScan("L1")


@given(st.text(max_size=60), st.sampled_from([None, "]C0", "]C1", "]d2", "]Q3", "]e0", "]E0"]))
def test_every_text_is_something(text: str, symbology: str | None) -> None:
    scanned = read_code(text, symbology)
    if isinstance(scanned, ItemScan):
        assert len(scanned.gtin) == 14
    if isinstance(scanned, SsccScan):
        assert len(scanned.sscc) == 18


_NEAR_GS1 = st.lists(st.sampled_from(["01", GTIN, "10", "L1", "21", "3712", "17261130", "\x1d", "|", "{GS}", "\ufffd"]))


@settings(max_examples=50, deadline=None)
@given(parts=_NEAR_GS1)
def test_a_lost_separator_is_never_put_back_by_guessing(parts: list[str]) -> None:
    scanned = read_code("".join(parts), "]d2")
    if isinstance(scanned, MisreadScan):
        assert scanned.text == "".join(parts)
        assert not (scanned.separator_lost and "\x1d" in scanned.text)
