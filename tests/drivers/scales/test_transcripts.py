"""Every protocol by what is sent and answered, byte by byte, as the makers' manuals have it."""

import pytest

from drivers.readings import AtZero, NoWeight, Weight, WeightFault
from drivers.scales.protocols import PROTOCOLS
from drivers.scales.scale import Scale
from drivers.scales.units import Unit
from tests.drivers.scales.transcript import Pair, playing
from tests.drivers.waiting import eventually

WAIT_S = 20.0

SICS = (b"SI\r\n", b"S S     123.45 g\r\n")
T8217 = (b"W", b"\x0212.34\r")
NCI_KG = (b"W\r", b"\n0012.34KG\r\nS00\r\x03")
NCI_OHAUS = (b"W\r", b"\n  12.34lb\r\n00\r\x03")
AND = (b"Q\r\n", b"ST,+00123.45  g\r\n")
CONTINUOUS = (b"", b"\x02\x2d\x30\x20  1250000000\r")
# 0x02+0x2d+0x30+0x20 = 127, two blanks 64, "1250" 200, "000000" 288, CR 13: 692, and 76 to make 768 = 6 * 128.
CHECKED = (b"", b"\x02\x2d\x30\x20  1250000000\r\x4c")

WEIGHED: list[tuple[str, Unit | None, list[Pair], str, str]] = [
    ("mt-sics", None, [SICS, SICS], "123.45", "123.45 g"),
    ("mt-sics", None, [(b"SI\r\n", b"S D     100.00 g\r\n"), SICS, SICS], "123.45", "123.45 g"),
    ("mt-sics", None, [(b"SI\r\n", b"S S      1.250 kg\r\n")] * 2, "1250", "1.250 kg"),
    ("mt-sics", None, [(b"SI\r\n", b"S I\r\n"), (b"SI\r\n", b"ES\r\n"), SICS, SICS], "123.45", "123.45 g"),
    ("toledo-8217", Unit.POUND, [T8217, T8217], "5597.3298458", "12.34 lb"),
    ("toledo-8217", Unit.KILOGRAM, [(b"W", b"\x02?\x61\r"), T8217, T8217], "12340", "12.34 kg"),
    ("toledo-8217", Unit.KILOGRAM, [(b"W", b"\x02 1.250N\r")] * 2, "1250", "1.250 kg"),
    ("nci", None, [NCI_KG, NCI_KG], "12340", "12.34 kg"),
    ("nci", None, [(b"W\r", b"\n0012.34KG\r\nS10\r\x03"), NCI_KG, NCI_KG], "12340", "12.34 kg"),
    ("nci", None, [NCI_OHAUS, NCI_OHAUS], "5597.3298458", "12.34 lb"),
    ("nci", None, [(b"W\r", b"\n  1250g \r\n00\r\x03")] * 2, "1250", "1250 g"),
    ("a-and-d", None, [AND, AND], "123.45", "123.45 g"),
    ("a-and-d", None, [(b"Q\r\n", b"US,+00100.00  g\r\n"), AND, AND], "123.45", "123.45 g"),
    ("a-and-d", None, [(b"Q\r\n", b"ST,GS,+0012.345kg\r\n")] * 2, "12345", "12.345 kg"),
    ("a-and-d-stream", None, [(b"", AND[1] * 2)], "123.45", "123.45 g"),
    ("toledo-continuous", None, [CONTINUOUS, CONTINUOUS], "1250", "1.250 kg"),
    ("toledo-continuous-checksum", None, [CHECKED], "1250", "1.250 kg"),
]

NOT_WEIGHED: list[tuple[str, list[Pair], WeightFault]] = [
    ("mt-sics", [(b"SI\r\n", b"S +\r\n")], WeightFault.OVERLOAD),
    ("mt-sics", [(b"SI\r\n", b"S -\r\n")], WeightFault.UNDERLOAD),
    ("mt-sics", [(b"SI\r\n", b"S I\r\n")], WeightFault.NOT_READY),
    ("mt-sics", [(b"SI\r\n", b"ET\r\n")], WeightFault.REFUSED),
    ("mt-sics", [(b"SI\r\n", b"S S     123.45 xyz\r\n")], WeightFault.WRONG_UNIT),
    ("mt-sics", [(b"SI\r\n", b"S S 123.45 g\r\n")], WeightFault.BAD_FRAME),
    ("toledo-8217", [(b"W", b"\x02?\x61\r")], WeightFault.MOVING),
    ("toledo-8217", [(b"W", b"\x02?\x62\r")], WeightFault.OVERLOAD),
    ("toledo-8217", [(b"W", b"\x02?\x64\r")], WeightFault.UNDERLOAD),
    ("toledo-8217", [(b"W", b"\x02?\x68\r")], WeightFault.OUT_OF_ZERO),
    ("toledo-8217", [(b"W", b"\x02?\x41\r")], WeightFault.MOVING),
    ("toledo-8217", [(b"W", b"\x02?\x60\r")], WeightFault.NOT_READY),
    ("toledo-8217", [(b"W", b"\x0212lb5.1oz\r")], WeightFault.BAD_FRAME),
    ("toledo-8217", [(b"W", b"\x02?\x21\r")], WeightFault.BAD_FRAME),
    ("nci", [(b"W\r", b"\n^^^^^^^LB\r\nS02\r\x03")], WeightFault.OVERLOAD),
    ("nci", [(b"W\r", b"\n-000.20LB\r\nS01\r\x03")], WeightFault.UNDERLOAD),
    ("nci", [(b"W\r", b"\n0012.34LB\r\nS10\r\x03")], WeightFault.MOVING),
    ("nci", [(b"W\r", b"\n0012.34LB\r\nS40\r\x03")], WeightFault.DEFECT),
    ("nci", [(b"W\r", b"\n0012.34LB\r\nS08\r\x03")], WeightFault.DEFECT),
    ("nci", [(b"W\r", b"\n0012.34LB\r\nS0p8\r\x03")], WeightFault.OUT_OF_ZERO),
    ("nci", [(b"W\r", b"\n 2lb 11.5oz\r\n00\r\x03")], WeightFault.WRONG_UNIT),
    ("nci", [(b"W\r", b"\n00\r\x03")], WeightFault.NOT_READY),
    ("nci", [(b"W\r", b"\n?\r\x03")], WeightFault.REFUSED),
    ("nci", [(b"W\r", b"\n0012.34LB\r\nS0\r\x03")], WeightFault.BAD_FRAME),
    ("nci", [(b"W\r", b"\n CAL   LB\r\nS00\r\x03")], WeightFault.BAD_FRAME),
    ("a-and-d", [(b"Q\r\n", b"OL,+99999.99  g\r\n")], WeightFault.OVERLOAD),
    ("a-and-d", [(b"Q\r\n", b"OL,-99999.99  g\r\n")], WeightFault.UNDERLOAD),
    ("a-and-d", [(b"Q\r\n", b"QT,+00000012 PC\r\n")], WeightFault.WRONG_UNIT),
    ("a-and-d", [(b"Q\r\n", b"EC,E11\r\n")], WeightFault.NOT_READY),
    ("a-and-d", [(b"Q\r\n", b"EC,E01\r\n")], WeightFault.REFUSED),
    ("a-and-d", [(b"Q\r\n", b"ST,TR,+0012.345kg\r\n")], WeightFault.BAD_FRAME),
    ("toledo-continuous", [(b"", b"\x02\x2d\x38\x20  1250000000\r")], WeightFault.MOVING),
    ("toledo-continuous", [(b"", b"\x02\x2d\x34\x20  1250000000\r")], WeightFault.OVERLOAD),
    ("toledo-continuous", [(b"", b"\x02\x2d\x36\x20  1250000000\r")], WeightFault.UNDERLOAD),
    ("toledo-continuous", [(b"", b"\x02\x2d\x70\x20  1250000000\r")], WeightFault.OUT_OF_ZERO),
    ("toledo-continuous", [(b"", b"\x02\x2d\x30\x27  1250000000\r")], WeightFault.WRONG_UNIT),
    ("toledo-continuous", [(b"", b"\x02\x2d\x30\x30  1250000000\r")], WeightFault.NOT_READY),
    ("toledo-continuous-checksum", [(b"", CONTINUOUS[1] + b"\x4b")], WeightFault.BAD_CHECKSUM),
]

SET: list[tuple[str, str, list[Pair]]] = [
    ("mt-sics", "zero", [(b"Z\r\n", b"Z A\r\n"), *[(b"SI\r\n", b"S S       0.00 g\r\n")] * 2]),
    ("mt-sics", "tare", [(b"T\r\n", b"T S     100.00 g\r\n"), *[(b"SI\r\n", b"S S       0.00 g\r\n")] * 2]),
    ("toledo-8217", "zero", [(b"Z", b"\x02?\x70\r"), *[(b"W", b"\x0200.00\r")] * 2]),
    ("toledo-8217", "tare", [(b"T", b"\x02?\x60\r"), *[(b"W", b"\x0200.00N\r")] * 2]),
    ("nci", "zero", [(b"Z\r", b"\nS20\r\x03"), *[(b"W\r", b"\n0000.00LB\r\nS20\r\x03")] * 2]),
    ("a-and-d", "zero", [(b"Z\r\n", b"\x06\r\n"), *[(b"Q\r\n", b"ST,+00000.00  g\r\n")] * 2]),
    ("a-and-d", "tare", [(b"T\r\n", b"\x06\r\n"), *[(b"Q\r\n", b"ST,+00000.00  g\r\n")] * 2]),
    ("toledo-continuous-checksum", "zero", [(b"Z\r\n", b"\x02\x2d\x30\x20     0000000\r\x04")]),
    ("toledo-continuous-checksum", "tare", [(b"T\r\n", b"\x02\x2d\x31\x20     0000250\r\x7c")]),
]


@pytest.mark.parametrize(("protocol", "unit", "pairs", "weight_g", "shown"), WEIGHED)
def test_a_weight_is_what_the_transcript_says(
    protocol: str, unit: Unit | None, pairs: list[Pair], weight_g: str, shown: str
) -> None:
    # What a scale said by itself before it was listened to does not count, so it has to say it more than once.
    sends_by_itself = not pairs[0][0]
    with (
        playing(pairs, again_and_again=sends_by_itself) as address,
        Scale("scale 2", address, PROTOCOLS[protocol], unit) as scale,
    ):
        found = scale.weigh(WAIT_S)
    assert isinstance(found, Weight), found
    assert (str(found.weight_g.normalize().__format__("f")), found.shown) == (weight_g, shown)


@pytest.mark.parametrize(("protocol", "pairs", "reason"), NOT_WEIGHED)
def test_no_weight_is_named_as_the_transcript_says(protocol: str, pairs: list[Pair], reason: WeightFault) -> None:
    unit = Unit.POUND if protocol == "toledo-8217" else None

    def is_named() -> bool:
        found = scale.weigh(0.1)
        assert isinstance(found, NoWeight), found
        return found.reason is reason

    with (
        playing(pairs, again_and_again=True) as address,
        Scale("scale 2", address, PROTOCOLS[protocol], unit) as scale,
    ):
        eventually(is_named)


@pytest.mark.parametrize(("protocol", "command", "pairs"), SET)
def test_zero_and_tare_are_sent_and_seen(protocol: str, command: str, pairs: list[Pair]) -> None:
    unit = Unit.POUND if protocol == "toledo-8217" else None
    with playing(pairs) as address, Scale("scale 2", address, PROTOCOLS[protocol], unit) as scale:
        done = scale.zero(WAIT_S) if command == "zero" else scale.tare(WAIT_S)
    assert isinstance(done, AtZero), done


@pytest.mark.parametrize("pairs", [[SICS, SICS, SICS], [SICS, (b"SIR\r\n", b"")]])
def test_a_transcript_with_an_unused_or_another_pair_fails(pairs: list[Pair]) -> None:
    with (
        pytest.raises(AssertionError, match="was due"),
        playing(pairs) as address,
        Scale("scale 2", address, PROTOCOLS["mt-sics"]) as scale,
    ):
        scale.weigh(1.0)
