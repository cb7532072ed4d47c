"""Frames out of serial bytes."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.readings import BadRead, BadReason, ScanFrame
from drivers.scanners.framing import FrameParser, Framing


def frame(text: str, symbology: str | None = None) -> ScanFrame:
    return ScanFrame(text, symbology, "gun", False, 1.0)


@pytest.mark.parametrize("suffix", [b"\r", b"\n", b"\r\n", b"\x03", b"\t", b"\x03\r\n"])
@pytest.mark.parametrize("prefix", [b"", b"\x02"])
def test_every_usual_prefix_and_suffix_is_understood(prefix: bytes, suffix: bytes) -> None:
    sent = prefix + b"]C100340123450000000018" + suffix + prefix + b"L-01-02" + suffix
    assert FrameParser("gun").feed(sent, 1.0) == [frame("00340123450000000018", "]C1"), frame("L-01-02")]


def test_gs_stays_in_the_code_and_utf_8_is_read() -> None:
    assert FrameParser("gun").feed("]d210LOT1\x1d21Größe\r".encode(), 1.0) == [frame("10LOT1\x1d21Größe", "]d2")]


def test_a_suffix_that_the_site_does_not_use_is_content() -> None:
    parser = FrameParser("gun", Framing(suffixes=b"\x03"))
    (reading,) = parser.feed(b"AB\tCD\x03", 1.0)
    assert isinstance(reading, BadRead)
    assert reading.reason is BadReason.CONTROL_CHARACTER


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (b"L-01\xff02\r", BadReason.NOT_TEXT),
        (b"L-01\x0002\r", BadReason.CONTROL_CHARACTER),
        (b"L-01\x1b[2J\r", BadReason.CONTROL_CHARACTER),
        (b"A" * 4097 + b"\r", BadReason.TOO_LONG),
        (b"A" * 100_000 + b"\r", BadReason.TOO_LONG),
        (b"]C1\r", BadReason.EMPTY),
        (b"\x02\r", BadReason.EMPTY),
        (b"L-0\x02\r", BadReason.CUT),
        (b"NR\r", BadReason.NO_READ),
        (b"NoRead\r", BadReason.NO_READ),
    ],
)
def test_what_cannot_be_a_code_is_a_bad_read_and_the_next_one_counts(sent: bytes, reason: BadReason) -> None:
    readings = FrameParser("gun").feed(sent + b"T-000193\r", 1.0)
    assert isinstance(readings[0], BadRead)
    assert readings[0].reason is reason
    assert len(readings[0].raw) <= 4097
    assert readings[-1] == frame("T-000193")


def test_a_code_that_really_says_no_read_counts() -> None:
    assert FrameParser("gun").feed(b"]C0NR\r", 1.0) == [frame("NR", "]C0")]
    assert FrameParser("gun", Framing(no_reads=frozenset())).feed(b"NR\r", 1.0) == [frame("NR")]


def test_a_code_of_the_greatest_length_is_still_a_code() -> None:
    assert FrameParser("gun").feed(b"A" * 4096 + b"\r", 1.0) == [frame("A" * 4096)]


def test_with_a_prefix_configured_what_comes_without_it_is_a_bad_read() -> None:
    parser = FrameParser("gun", Framing(prefix=b"\x02"))
    readings = parser.feed(b"L-01\r\x02L-02\r", 1.0)
    assert readings == [BadRead(BadReason.CUT, "L-01", "gun", 1.0), frame("L-02")]


def test_a_code_that_stops_is_a_bad_read_and_its_late_rest_is_no_code() -> None:
    parser = FrameParser("gun")
    assert parser.feed(b"400638", 1.0) == []
    assert parser.due(1.29) == []
    assert parser.next_due_s() == pytest.approx(1.3)
    assert parser.due(1.3) == [BadRead(BadReason.NO_SUFFIX, "400638", "gun", 1.0)]
    assert parser.next_due_s() is None
    assert parser.feed(b"1333931\r", 1.5) == [BadRead(BadReason.CUT, "1333931", "gun", 1.5)]
    assert parser.feed(b"4006381333931\r", 1.6) == [ScanFrame("4006381333931", None, "gun", False, 1.6)]


def test_a_code_scanned_again_after_a_pause_counts() -> None:
    parser = FrameParser("gun")
    parser.feed(b"400638", 1.0)
    parser.due(1.5)
    assert parser.feed(b"4006381333931\r", 3.0) == [ScanFrame("4006381333931", None, "gun", False, 3.0)]


def test_a_code_begun_when_the_link_is_lost_is_a_bad_read() -> None:
    parser = FrameParser("gun")
    parser.feed(b"4006", 1.0)
    assert parser.link_lost() == [BadRead(BadReason.CUT, "4006", "gun", 1.0)]
    assert parser.feed(b"L-01\r", 1.1) == [ScanFrame("L-01", None, "gun", False, 1.1)]


@settings(max_examples=300, deadline=None)
@given(
    sent=st.lists(
        st.one_of(
            st.binary(max_size=6),
            st.sampled_from([b"\r", b"\r\n", b"\t", b"\x03", b"\x02", b"]C1", b"L-01", b"\x1d", "ß€".encode()]),
        ),
        max_size=40,
    ).map(b"".join),
    cuts=st.lists(st.integers(0, 250), max_size=8),
    prefix=st.sampled_from([None, b"\x02"]),
)
def test_any_split_of_the_same_bytes_yields_the_same_readings(
    sent: bytes, cuts: list[int], prefix: bytes | None
) -> None:
    whole = FrameParser("gun", Framing(prefix=prefix)).feed(sent, 1.0)
    parser = FrameParser("gun", Framing(prefix=prefix))
    edges = [0, *sorted(min(cut, len(sent)) for cut in cuts), len(sent)]
    pieces = [reading for start, end in pairwise(edges) for reading in parser.feed(sent[start:end], 1.0)]
    assert pieces == whole


@settings(max_examples=300, deadline=None)
@given(sent=st.binary(max_size=300))
def test_no_frame_is_invented_out_of_noise(sent: bytes) -> None:
    readings = FrameParser("gun").feed(sent, 1.0)
    between = {piece for part in sent.split(b"\x02") for piece in _split(part)}
    for reading in readings:
        if isinstance(reading, ScanFrame):
            assert ((reading.symbology or "") + reading.text).encode() in between


def _split(part: bytes) -> list[bytes]:
    for suffix in (b"\n", b"\t", b"\x03"):
        part = part.replace(suffix, b"\r")
    return part.split(b"\r")


@pytest.mark.parametrize("wrong", [{"suffixes": b""}, {"prefix": b"\r"}, {"prefix": b"ab"}])
def test_a_framing_that_cannot_work_is_refused(wrong: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match=r"suffix|prefix"):
        Framing(**wrong)  # type: ignore[arg-type]
