"""HID scales: what their descriptors and reports say. Some reports are those that owners of scales have published."""

from decimal import Decimal
from pathlib import Path

import pytest

from drivers.emulators.scale import EmulatedScale
from drivers.emulators.scale_voices import HID_DESCRIPTOR
from drivers.readings import NoWeight, WeightFault
from drivers.scales.hid_descriptor import NotAScale, read_descriptor
from drivers.scales.hid_pos import HidPos
from drivers.scales.links import HidSettings
from drivers.scales.protocols import PROTOCOLS
from drivers.scales.scale import Scale
from drivers.scales.speech import Condition, Shown, Unreadable
from drivers.scales.units import Unit
from tests.drivers.scales.stand import standing
from tests.drivers.waiting import LIMIT_S

ROUND_ABOUT = bytes.fromhex(
    "058d0920a101"  # usage page scales; scale device
    "a48504"  # keep the state; report 4
    "1501250875089501197129788100"  # status
    "09411581257f8102"  # scaling
    "0940150027ffff000075108102"  # weight
    "0b51008d000b52008d000b53008d001501250375088100"  # unit: three of them, each named with its page
    "b4c0"
)
"""Another order, another number, a pushed state, usages of four bytes and no way to set it to zero."""


@pytest.mark.parametrize("descriptor", [b"", HID_DESCRIPTOR])
@pytest.mark.parametrize(
    ("report", "said"),
    [
        ("03 02 0b ff 00 00", Shown(Decimal(0), Unit.OUNCE, True)),
        ("03 04 02 00 90 00", Shown(Decimal(144), Unit.GRAM, True)),
        ("03 04 0b ff 34 19", Shown(Decimal("645.2"), Unit.OUNCE, True)),
        ("03 03 0b ff 34 19", Shown(Decimal("645.2"), Unit.OUNCE, False)),
        ("03 04 0c fe d2 04", Shown(Decimal("12.34"), Unit.POUND, True)),
        ("03 04 03 fd ff ff", Shown(Decimal("65.535"), Unit.KILOGRAM, True)),
        ("03 04 05 00 01 00", Shown(Decimal(1), "tael", True)),
        ("03 04 00 00 01 00", Shown(Decimal(1), "unknown", True)),
        ("03 01 02 00 90 00", Condition(WeightFault.DEFECT)),
        ("03 05 0b ff 10 00", Condition(WeightFault.UNDERLOAD)),
        ("03 06 0b ff 00 00", Condition(WeightFault.OVERLOAD)),
        ("03 07 0b ff 00 00", Condition(WeightFault.DEFECT)),
        ("03 08 0b ff 00 00", Condition(WeightFault.OUT_OF_ZERO)),
        ("03 00 02 00 90 00", Unreadable(bytes.fromhex("030002009000"))),
        ("03 09 02 00 90 00", Unreadable(bytes.fromhex("030902009000"))),
        ("03 04 02 40 90 00", Unreadable(bytes.fromhex("030402409000"))),
        ("03 04 02 00 90", Unreadable(bytes.fromhex("0304020090"))),
        ("07 04 02 00 90 00", Unreadable(bytes.fromhex("070402009000"))),
    ],
)
def test_reports_say_what_their_bytes_say(descriptor: bytes, report: str, said: object) -> None:
    assert HidPos(descriptor).feed(bytes.fromhex(report)) == [said]


def test_a_descriptor_decides_where_everything_stands() -> None:
    reports = read_descriptor(ROUND_ABOUT)
    assert (reports.report_id, dict(reports.sizes_bytes), reports.zero) == (4, {4: 6}, b"")
    assert HidPos(ROUND_ABOUT).feed(bytes.fromhex("04 04 fd e2 04 03")) == [
        Shown(Decimal("1.250"), Unit.KILOGRAM, True)
    ]


@pytest.mark.parametrize(
    ("descriptor", "problem"),
    [
        (bytes.fromhex("05010906a101050719e029e715002501750195088102c0"), "no weight report"),
        (HID_DESCRIPTOR.replace(b"\x09\x40", b"\x09\x42"), "no weight report"),
        (HID_DESCRIPTOR.replace(b"\x19\x71\x29\x78", b"\x19\x01\x29\x08"), "no status, unit or scaling"),
        (HID_DESCRIPTOR.replace(b"\x19\x71\x29\x78", b"\x19\x71\x29\x71"), "single bits"),
        (HID_DESCRIPTOR[:-2] + b"\x09", "stops in the middle"),
        (HID_DESCRIPTOR.replace(b"\x75\x10\x95\x01", b"\x75\x10\x95\xff"), "longer than any scale's"),
    ],
)
def test_what_is_no_scale_is_refused_with_a_reason(descriptor: bytes, problem: str) -> None:
    with pytest.raises(NotAScale, match=problem):
        read_descriptor(descriptor)


def test_another_device_behind_the_path_is_named_and_gives_no_weight(tmp_path: Path) -> None:
    with standing("hid", "pty", tmp_path) as stand:
        stand.emulated.put("1.250")
        stand.emulated.descriptor_path.write_bytes(bytes.fromhex("05010906a101c0"))
        told = stand.comes_to_say(WeightFault.WRONG_DEVICE)
        assert told.detail == "it has no weight report"


def test_without_a_descriptor_the_usual_report_is_read_and_zero_is_not_offered(tmp_path: Path) -> None:
    path = tmp_path / "hidraw0"
    with (
        EmulatedScale("hid", path=path) as emulated,
        Scale("scale 2", HidSettings(str(path), str(tmp_path / "none")), PROTOCOLS["hid"]) as scale,
    ):
        emulated.put("1.250")
        found = scale.weigh(LIMIT_S)
        told = scale.zero(LIMIT_S)
    assert not isinstance(found, NoWeight)
    assert found.weight_g == 1250
    assert isinstance(told, NoWeight)
    assert told.reason is WeightFault.NOT_OFFERED
