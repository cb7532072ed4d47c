"""Bytes of a line, key presses and pastes: the same scans are the same readings, whichever way they come."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.readings import BadRead, BadReason, ScanFrame, TypedKey
from drivers.scanners.code_text import judge
from drivers.scanners.framing import FrameParser, Framing
from drivers.scanners.wedge import Output, WedgeCollector, WedgeSettings

PREFIX = "\x1e"
CHAR_S = 0.004
Reading = ScanFrame | BadRead | TypedKey


def as_bytes(text: str) -> list[ScanFrame | BadRead]:
    parser = FrameParser("gun", Framing(prefix=PREFIX.encode()))
    return [reading for byte in text.encode() for reading in parser.feed(bytes((byte,)), 1.0)] + parser.due(9.0)


def as_keys(text: str) -> list[Output]:
    collector = WedgeCollector("gun", WedgeSettings(prefix=PREFIX))
    return [
        reading for place, char in enumerate(text) for reading in collector.feed_key(char, char, 1.0 + place * CHAR_S)
    ] + collector.due(900.0)


def as_paste(text: str) -> list[Output]:
    collector = WedgeCollector("gun", WedgeSettings(prefix=PREFIX))
    return collector.feed_paste(text, 1.0) + collector.due(9.0)


WAYS = pytest.mark.parametrize("way", [as_bytes, as_keys, as_paste])


def said(readings: Sequence[Reading]) -> list[tuple[object, ...]]:
    return [
        (reading.text, reading.symbology) if isinstance(reading, ScanFrame)
        else (reading.reason, reading.raw) if isinstance(reading, BadRead)
        else (reading,)
        for reading in readings
    ]  # fmt: skip


@WAYS
@pytest.mark.parametrize(
    ("sent", "readings"),
    [
        ("\x1eL-01\r\x1eL-02\r\n", [("L-01", None), ("L-02", None)]),
        ("\x1e]d210LOT1\x1d21SER\t", [("10LOT1\x1d21SER", "]d2")]),
        ("\x1e]C1\r", [(BadReason.EMPTY, "]C1")]),
        ("\x1eNoRead\r\x1eL-01\r", [(BadReason.NO_READ, "NoRead"), ("L-01", None)]),
        ("\x1eL-0\ufffd1\r", [(BadReason.NOT_TEXT, "L-0\ufffd1")]),
        ("\x1eL-0\x1eL-02\r", [(BadReason.CUT, "L-0"), ("L-02", None)]),
        ("\x1eL-01", [(BadReason.NO_SUFFIX, "L-01")]),
        ("\x1e\r", [(BadReason.EMPTY, "")]),
    ],
)
def test_a_scan_is_read_alike_whichever_way_it_comes(
    way: Callable[[str], Sequence[Reading]], sent: str, readings: list[object]
) -> None:
    assert said(way(sent)) == readings


@settings(max_examples=50, deadline=None)
@given(
    codes=st.lists(st.text("AB1]C\x1d\x04 \u00e4\u20ac", max_size=12), max_size=6), suffix=st.sampled_from("\r\n\t\x03")
)
def test_any_codes_come_out_whole_and_nothing_else_does(codes: list[str], suffix: str) -> None:
    sent = "".join(f"{PREFIX}{code}{suffix}" for code in codes)
    expected = said([judge(code, "gun", 1.0) for code in codes])
    assert said(as_bytes(sent)) == said(as_keys(sent)) == said(as_paste(sent)) == expected


@settings(max_examples=50, deadline=None)
@given(raw=st.text(max_size=60))
def test_a_reading_is_what_was_sent_or_a_bad_read(raw: str) -> None:
    reading = judge(raw, "gun", 1.0)
    if isinstance(reading, ScanFrame):
        assert (reading.symbology or "") + reading.text == raw
        assert "\ufffd" not in raw
    else:
        assert reading.raw == raw
