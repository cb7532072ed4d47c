"""What every scale does when something goes wrong on the way. Over real ptys and TCP to emulated scales."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from drivers.readings import NoWeight, WeightFault
from drivers.scales.protocols import PROTOCOLS
from drivers.scales.scale import Scale
from drivers.transport.serial_line import SerialSettings
from drivers.transport.tcp import TcpAddress
from tests.drivers.scales.stand import ANSWER_S, EVERY_WAY, LOOK_S, Stand, standing
from tests.drivers.waiting import eventually

BY_BYTES = [way for way in EVERY_WAY if way[0] != "hid"]
STREAMS = {"a-and-d-stream", "toledo-continuous", "toledo-continuous-checksum"}


@pytest.fixture(params=EVERY_WAY, ids="-".join)
def stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stand]:
    protocol, carrier = request.param
    with standing(protocol, carrier, tmp_path) as made:
        yield made


@pytest.fixture(params=BY_BYTES, ids="-".join)
def byte_stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stand]:
    protocol, carrier = request.param
    with standing(protocol, carrier, tmp_path) as made:
        yield made


def test_nothing_wrong_is_a_weight_over_every_way(stand: Stand) -> None:
    stand.emulated.put("1.257")
    assert stand.weigh().weight_g == Decimal(1257)


def test_silence_is_named_and_needs_nobody_to_end(stand: Stand) -> None:
    stand.emulated.put("1.250")
    stand.emulated.fall_silent()
    stand.comes_to_say(WeightFault.SILENT)
    stand.emulated.recover()
    assert stand.weigh().weight_g == 1250


@pytest.mark.parametrize("sent_bytes", [2, 4, 5])
def test_half_frames_are_named_and_never_weighed(stand: Stand, sent_bytes: int) -> None:
    stand.emulated.put("1.250")
    stand.emulated.cut_frames_after(sent_bytes)
    stand.comes_to_say(WeightFault.BAD_FRAME)
    stand.emulated.recover()
    assert stand.weigh().weight_g == 1250


@pytest.mark.parametrize("garbage", [b"\xff\x00garbage\r\n\x03\x02??", b"A" * 300, b"S S \r\n\x02ST,\x02 \r\x03"])
def test_garbage_is_named_and_never_weighed(stand: Stand, garbage: bytes) -> None:
    stand.emulated.put("1.250")
    stand.emulated.babble(garbage)
    told = stand.comes_to_say(WeightFault.BAD_FRAME)
    assert told.detail
    assert told.sentence.isascii()
    stand.emulated.recover()
    assert stand.weigh().weight_g == 1250


def test_a_frame_that_trickles_in_is_one_frame(byte_stand: Stand) -> None:
    byte_stand.emulated.put("1.250")
    byte_stand.emulated.trickle(0.002)
    assert byte_stand.weigh().weight_g == 1250


def test_a_link_that_breaks_in_mid_frame_gives_no_weight_and_is_opened_again(stand: Stand) -> None:
    stand.emulated.put("1.250")
    assert stand.weigh().weight_g == 1250
    stand.emulated.drop_link_after(4)
    found = stand.scale.weigh(LOOK_S)
    assert isinstance(found, NoWeight) or found.weight_g == 1250
    stand.emulated.replug()
    assert stand.weigh().weight_g == 1250


def test_unplugged_and_back_it_needs_nobody(stand: Stand) -> None:
    stand.emulated.put("1.250")
    for _ in range(3):
        assert stand.weigh().weight_g == 1250
        stand.emulated.unplug()
        told = stand.comes_to_say(WeightFault.GONE)
        assert told.sentence.endswith("Nothing was taken over. Check its plug and power.")
        assert told.detail
        stand.emulated.replug()
    assert stand.weigh().weight_g == 1250


def test_what_it_sent_before_it_was_asked_does_not_count(byte_stand: Stand) -> None:
    byte_stand.emulated.put("5")
    assert byte_stand.weigh().weight_g == 5000
    if byte_stand.protocol in STREAMS:
        before = byte_stand.emulated.sent_frames
        eventually(lambda: byte_stand.emulated.sent_frames > before + 3)
    byte_stand.emulated.put("7")
    assert byte_stand.weigh().weight_g == 7000


def test_a_closed_scale_is_opened_by_the_next_weighing(stand: Stand) -> None:
    stand.emulated.put("1.250")
    assert stand.weigh().weight_g == 1250
    stand.scale.close()
    assert stand.weigh().weight_g == 1250


def test_a_wrong_checksum_is_named_and_never_weighed(tmp_path: Path) -> None:
    with standing("toledo-continuous-checksum", "tcp", tmp_path) as stand:
        stand.emulated.put("1.250")
        stand.emulated.damage_frames(8)
        stand.comes_to_say(WeightFault.BAD_CHECKSUM)
        stand.emulated.recover()
        assert stand.weigh().weight_g == 1250


@pytest.mark.parametrize("where", [TcpAddress("127.0.0.1", 9), SerialSettings("/nonexistent/scale")])
def test_a_scale_that_was_never_there_is_named(where: TcpAddress | SerialSettings) -> None:
    told = Scale("scale 2", where, PROTOCOLS["mt-sics"], answer_s=ANSWER_S).weigh(LOOK_S)
    assert isinstance(told, NoWeight)
    assert told.reason is WeightFault.GONE
