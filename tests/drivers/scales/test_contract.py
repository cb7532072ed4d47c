"""What every scale does, whatever it speaks: the contract that every driver keeps. Over real links."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest

from drivers.readings import AtZero, NoWeight, Weight, WeightFault
from drivers.scales.protocols import PROTOCOLS
from drivers.scales.scale import Scale
from drivers.scales.units import Unit
from drivers.transport.serial_line import SerialSettings
from drivers.transport.tcp import TcpAddress
from tests.drivers.scales.stand import BY_LINE, EVERY_PROTOCOL, Stand, standing
from tests.drivers.waiting import LIMIT_S, eventually

TELLS_LOST_ZERO = {"toledo-8217", "nci", "toledo-continuous", "toledo-continuous-checksum", "hid"}
HAS_TARE = {name for name in BY_LINE if name != "nci"}


@pytest.fixture(params=[way for way in EVERY_PROTOCOL if PROTOCOLS[way[0]].names_unit], ids="-".join)
def naming_unit(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Protocol and carrier of a scale whose frames carry their unit."""
    way: tuple[str, str] = request.param
    return way


@pytest.fixture(params=EVERY_PROTOCOL, ids="-".join)
def stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stand]:
    protocol, carrier = request.param
    with standing(protocol, carrier, tmp_path) as made:
        yield made


def test_a_load_at_rest_is_weighed_to_the_last_digit(stand: Stand) -> None:
    stand.emulated.put("1.257")
    found = stand.weigh()
    assert (found.weight_g, found.weight_mg, found.rounded_g) == (Decimal(1257), 1_257_000, 1257)
    assert (found.shown, found.source) == ("1.257 kg", "scale 2")


def test_an_empty_scale_has_no_weight_and_is_well(stand: Stand) -> None:
    told = stand.comes_to_say(WeightFault.EMPTY)
    assert told.sentence == "scale 2: nothing is on it. Nothing was taken over. Put the carton on."
    seen = stand.scale.look(LIMIT_S)
    assert isinstance(seen, NoWeight)
    assert seen.reason is WeightFault.EMPTY


def test_a_load_that_moves_is_not_weighed_until_it_rests(stand: Stand) -> None:
    stand.emulated.put("2.500")
    stand.emulated.shake()
    stand.comes_to_say(WeightFault.MOVING)
    stand.emulated.put("2.500")
    assert stand.weigh().weight_g == 2500


def test_too_much_is_named_and_not_weighed(stand: Stand) -> None:
    stand.emulated.put("30.001")
    stand.comes_to_say(WeightFault.OVERLOAD)


@pytest.mark.parametrize("load", ["-0.002", "-4"])
def test_less_than_nothing_is_named_and_not_weighed(stand: Stand, load: str) -> None:
    stand.emulated.put(load)
    stand.comes_to_say(WeightFault.UNDERLOAD)


def test_the_same_carton_is_not_weighed_twice_where_the_caller_wants_zero_between(stand: Stand) -> None:
    stand.emulated.put("1.250")
    assert stand.comes_to_say(WeightFault.NOT_CLEARED, after_zero=True).detail == "it shows 1.250 kg"
    stand.emulated.put("0")
    stand.comes_to_say(WeightFault.EMPTY, after_zero=True)
    stand.emulated.put("1.250")
    assert isinstance(stand.scale.weigh(LIMIT_S, after_zero=True), Weight)
    stand.comes_to_say(WeightFault.NOT_CLEARED, after_zero=True)
    assert stand.weigh().weight_g == 1250


def test_looking_shows_the_weight_and_takes_nothing(stand: Stand) -> None:
    stand.comes_to_say(WeightFault.EMPTY)
    stand.emulated.put("0.750")
    eventually(lambda: isinstance(stand.scale.look(LIMIT_S), Weight))
    assert isinstance(stand.scale.weigh(LIMIT_S, after_zero=True), Weight)


def test_an_empty_scale_that_drifted_is_set_to_zero(stand: Stand) -> None:
    stand.emulated.put("0.004")
    assert stand.weigh().weight_g == 4
    done = stand.scale.zero(LIMIT_S)
    assert isinstance(done, AtZero), done
    assert done.sentence == "scale 2 shows zero."
    stand.emulated.put("1.004")
    assert stand.weigh().weight_g == 1000


def test_a_loaded_scale_is_not_called_zero(stand: Stand) -> None:
    stand.emulated.put("20")
    assert stand.weigh().weight_g == 20_000
    told = stand.scale.zero(1.0)
    assert isinstance(told, NoWeight)
    assert told.reason in {WeightFault.NOT_AT_ZERO, WeightFault.MOVING, WeightFault.NOT_READY, WeightFault.SILENT}
    assert stand.weigh().weight_g == 20_000


def test_a_tare_is_taken_off_or_said_not_to_be_had(stand: Stand) -> None:
    stand.emulated.put("0.300")
    assert stand.weigh().weight_g == 300
    done = stand.scale.tare(LIMIT_S)
    if stand.protocol not in HAS_TARE:
        assert isinstance(done, NoWeight)
        assert done.sentence.startswith("scale 2: it cannot be set from here.")
        return
    assert isinstance(done, AtZero), done
    stand.emulated.put("1.300")
    assert stand.weigh().weight_g == 1000


def test_a_lost_zero_is_named_where_the_protocol_has_a_word_for_it_and_set_again(stand: Stand) -> None:
    stand.emulated.lose_zero()
    if stand.protocol in TELLS_LOST_ZERO:
        stand.comes_to_say(WeightFault.OUT_OF_ZERO)
    assert isinstance(stand.scale.zero(LIMIT_S), AtZero)


def test_a_scale_with_a_fault_of_its_own_gives_no_weight(stand: Stand) -> None:
    stand.emulated.put("1.250")
    stand.emulated.break_down()
    stand.comes_to_say(WeightFault.DEFECT, WeightFault.NOT_READY, WeightFault.OVERLOAD)


def test_another_unit_than_the_site_has_set_is_named_and_not_weighed(
    naming_unit: tuple[str, str], tmp_path: Path
) -> None:
    with standing(*naming_unit, tmp_path, unit="oz", decimals=2, expected=Unit.KILOGRAM) as stand:
        stand.emulated.put("4.25")
        assert stand.comes_to_say(WeightFault.WRONG_UNIT).detail == "it shows oz"


def test_a_unit_that_nobody_knows_is_named_and_not_weighed(naming_unit: tuple[str, str], tmp_path: Path) -> None:
    with standing(*naming_unit, tmp_path) as stand:
        stand.emulated.put("1.250")
        stand.emulated.press_unit("tl")
        stand.comes_to_say(WeightFault.WRONG_UNIT)


def test_weighings_from_many_threads_wait_for_each_other(tmp_path: Path) -> None:
    with standing("mt-sics", "tcp", tmp_path) as stand, ThreadPoolExecutor(4) as threads:
        stand.emulated.put("1.250")
        found = list(threads.map(lambda _: stand.scale.weigh(LIMIT_S), range(8)))
    assert [isinstance(each, Weight) and each.weight_g for each in found] == [1250] * 8


def test_a_protocol_without_units_wants_one_from_the_profile() -> None:
    with pytest.raises(ValueError, match="its profile must name one"):
        Scale("scale 2", TcpAddress("127.0.0.1", 9), PROTOCOLS["toledo-8217"])


def test_the_usual_line_settings_are_those_of_the_protocol() -> None:
    assert PROTOCOLS["toledo-8217"].usual_line("/dev/ttyS0") == SerialSettings("/dev/ttyS0", 9600, 7, "E")
    assert PROTOCOLS["a-and-d"].usual_line("/dev/ttyS0") == SerialSettings("/dev/ttyS0", 2400, 7, "E")
    assert PROTOCOLS["mt-sics"].usual_line("/dev/ttyS0") == SerialSettings("/dev/ttyS0", 9600, 8, "N")
