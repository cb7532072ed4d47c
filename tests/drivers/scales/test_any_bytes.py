"""Whatever bytes come, no parser hangs, crashes or makes up a weight."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.emulators.scale_inside import ScaleInside
from drivers.emulators.scale_voices import HID_DESCRIPTOR, VOICES
from drivers.readings import NoWeight, Weight
from drivers.scales.hid_descriptor import NotAScale, read_descriptor
from drivers.scales.hid_pos import HidPos
from drivers.scales.judging import WeightJudge
from drivers.scales.protocols import PROTOCOLS
from drivers.scales.speech import Said, Shown
from drivers.scales.units import Unit
from tests.drivers.scales.stand import BY_LINE

MARKS = [b"\x02", b"\x03", b"\r", b"\n", b"\r\n", b"?", b"S", b"ST", b"US", b",", b"+", b"-", b".", b" ", b"0", b"7"]
WORDS = [b"S S ", b"S D ", b"S +", b"EC,E1", b"kg", b" g", b"LB", b"S00", b"\x02-0 ", b"\xff", b"\x00", b"\x06", b"N"]
noise = st.lists(st.one_of(st.sampled_from(MARKS + WORDS), st.binary(max_size=4)), max_size=60).map(b"".join)
loads = st.integers(1, 29_999).map(lambda grams: Decimal(grams).scaleb(-3))


def frame_of(protocol: str, load: Decimal) -> bytes:
    return VOICES[protocol]().frame(ScaleInside("kg", 3, Decimal(30), load))


def said_to(protocol: str, data: bytes) -> list[Said]:
    return PROTOCOLS[protocol].begin(b"").feed(data)


def weights_in(protocol: str, data: bytes) -> list[Weight]:
    speech = PROTOCOLS[protocol].begin(b"")
    judge = WeightJudge("scale 2", Unit.KILOGRAM, speech.agreeing_frames)
    heard = [judge.hear(said, 0.0) for said in speech.feed(data)]
    assert all(told.sentence for told in heard if isinstance(told, NoWeight))
    return [told for told in heard if isinstance(told, Weight)]


@pytest.mark.parametrize("protocol", PROTOCOLS)
@given(data=noise)
def test_noise_never_ends_a_parser_and_what_it_shows_is_a_number(protocol: str, data: bytes) -> None:
    speech = PROTOCOLS[protocol].begin(b"")
    for said in (*speech.feed(data), *speech.cut()):
        assert not isinstance(said, Shown) or (said.amount.is_finite() and abs(said.amount) < 10**14)
    weights_in(protocol, data)


@pytest.mark.parametrize("protocol", BY_LINE)
@given(data=noise, cuts=st.lists(st.integers(0, 400), max_size=8))
def test_any_split_of_the_same_bytes_says_the_same(protocol: str, data: bytes, cuts: list[int]) -> None:
    data += frame_of(protocol, Decimal("1.250")) * 2
    speech = PROTOCOLS[protocol].begin(b"")
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [said for start, end in pairwise(edges) for said in speech.feed(data[start:end])]
    assert [said for said in pieces if isinstance(said, Shown)] == [
        said for said in said_to(protocol, data) if isinstance(said, Shown)
    ]


@pytest.mark.parametrize("protocol", BY_LINE)
@given(data=noise)
def test_two_whole_frames_after_any_noise_and_a_pause_are_weighed(protocol: str, data: bytes) -> None:
    speech = PROTOCOLS[protocol].begin(b"")
    speech.feed(data)
    speech.cut()
    frame = frame_of(protocol, Decimal("1.250"))
    assert [said for said in speech.feed(frame * 2) if isinstance(said, Shown)] == said_to(protocol, frame) * 2


@pytest.mark.parametrize("protocol", BY_LINE)
@given(sent=st.lists(loads, min_size=2, max_size=4), start=st.integers(0, 120), lost=st.integers(1, 40))
def test_lost_characters_never_make_a_weight_that_was_not_sent(
    protocol: str, sent: list[Decimal], start: int, lost: int
) -> None:
    stream = b"".join(frame_of(protocol, load) * 2 for load in sent)
    found = weights_in(protocol, stream[:start] + stream[start + lost :])
    assert {weight.weight_g for weight in found} <= {load * 1000 for load in sent}


@pytest.mark.parametrize("protocol", BY_LINE)
@given(load=loads, place=st.integers(0, 60), noise=st.binary(min_size=1, max_size=3))
def test_bytes_put_in_between_never_make_another_weight(protocol: str, load: Decimal, place: int, noise: bytes) -> None:
    stream = frame_of(protocol, load) * 3
    place = min(place, len(stream))
    found = weights_in(protocol, stream[:place] + noise + stream[place:])
    assert {weight.weight_g for weight in found} <= {load * 1000}


@given(load=loads, place=st.integers(0, 17), bit=st.integers(0, 6))
def test_a_bit_turned_over_in_a_frame_with_checksum_makes_no_weight(load: Decimal, place: int, bit: int) -> None:
    frame = bytearray(frame_of("toledo-continuous-checksum", load))
    frame[place] ^= 1 << bit
    assert weights_in("toledo-continuous-checksum", bytes(frame)) == []


@given(load=loads, size=st.integers(1, 5))
def test_a_piece_of_a_hid_report_says_nothing_that_counts(load: Decimal, size: int) -> None:
    frame = frame_of("hid", load)
    assert weights_in("hid", frame[:size]) == []
    assert weights_in("hid", frame + frame[:size]) == []  # no read gives more than one report


@settings(max_examples=200)
@given(data=st.one_of(st.binary(max_size=200), st.binary(max_size=6).map(HID_DESCRIPTOR.__add__)))
def test_any_bytes_are_a_descriptor_or_none(data: bytes) -> None:
    try:
        reports = read_descriptor(data)
    except NotAScale:
        return
    assert reports.weight.size_bits > 0


@settings(max_examples=200)
@given(
    place=st.integers(0, len(HID_DESCRIPTOR) - 1),
    changed=st.integers(0, 255),
    report=st.binary(max_size=16),
)
def test_a_damaged_descriptor_is_refused_or_read_and_reports_never_end_the_parser(
    place: int, changed: int, report: bytes
) -> None:
    descriptor = HID_DESCRIPTOR[:place] + bytes((changed,)) + HID_DESCRIPTOR[place + 1 :]
    try:
        speech = HidPos(descriptor)
    except NotAScale:
        return
    for data in (report, frame_of("hid", Decimal("1.250"))):
        for said in speech.feed(data):
            assert not isinstance(said, Shown) or said.amount.is_finite()
