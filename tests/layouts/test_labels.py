"""The labels themselves: their bytes, and what can be read from a picture of them."""

from dataclasses import replace
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from drivers.emulators.label_picture import render as drawn_by_us
from layouts.labels.location_label import LocationLabel, location_label
from layouts.labels.ship_label import ShipLabel, ShipTo, ship_label, ship_label_shortfalls
from layouts.labels.tote_label import ToteLabel, tote_label
from layouts.zpl import Dpi
from tests.layouts.zpl_reading import is_one_label, texts
from tests.zpl_rendering import decode, render

GOLDEN = Path(__file__).parent / "golden"

PARCEL = ShipLabel(
    sender=("Floorhand Demo Warehouse", "Industriestraße 12", "48163 Münster", "Germany"),
    ship_to=ShipTo(
        "Zoë O’Brien-Łukaszewicz", ("Müller & Søn ^XZ", "c/o Café Crème", "12 Långa gatan"), "SW1A 1AA", "London", "UK"
    ),
    carrier_service="DHL Parcel Connect",
    order_reference="SO-2024-000123",
    sscc="340123451234567895",
    carton_number=1,
    carton_count=3,
    pieces=12,
    weight_g=4321,
)
REPRINT = replace(PARCEL, reprint_reason="first label torn", carton_count=None, weight_g=None, pieces=1)
TOTE = ToteLabel("T-000193K", "Floorhand Demo Warehouse")
LOCATION = LocationLabel("L-A-12-03-2X", "Zone A", "47")

JOBS = {
    "ship_label_203.zpl": ship_label(PARCEL, Dpi.DPI_203),
    "ship_label_300.zpl": ship_label(PARCEL, Dpi.DPI_300),
    "ship_label_reprint_203.zpl": ship_label(REPRINT, Dpi.DPI_203),
    "tote_label_203.zpl": tote_label(TOTE, Dpi.DPI_203),
    "location_label_300.zpl": location_label(LOCATION, Dpi.DPI_300),
}


@pytest.mark.parametrize("name", JOBS)
def test_the_bytes_for_the_printer_are_the_agreed_ones(name: str, tmp_path: Path) -> None:
    made = tmp_path / name
    made.write_bytes(JOBS[name])
    assert is_one_label(JOBS[name])
    assert JOBS[name] == (GOLDEN / name).read_bytes(), f"if the change is meant, look at it and copy {made} to {GOLDEN}"


def picture_of(job: bytes, dpi: Dpi) -> Image.Image:
    (picture,) = render(job, dpi)
    return picture


@pytest.mark.parametrize("dpi", list(Dpi))
def test_the_sscc_is_read_back_and_stands_lowest_with_its_quiet_zones(dpi: Dpi) -> None:
    picture = picture_of(ship_label(PARCEL, dpi), dpi)
    (code,) = decode(picture)
    assert (code.text, code.symbology) == (f"(00){PARCEL.sscc}", "]C1")
    assert 31.0 <= (code.bottom - code.top) / dpi.dots_per_mm <= 33.0
    assert (code.right - code.left + 1) / 156 / dpi.dots_per_mm >= 0.495
    assert not blank(picture, code.left, code.top, code.right, code.bottom)
    assert blank(picture, 0, code.bottom + 8, picture.width, picture.height)
    quiet_dots = 10 * round((code.right - code.left) / 156)
    assert blank(picture, code.left - quiet_dots, code.top, code.left - 1, code.bottom)
    assert blank(picture, code.right + 2, code.top, code.right + quiet_dots, code.bottom)


def blank(picture: Image.Image, left: int, top: int, right: int, bottom: int) -> bool:
    return picture.crop((left, top, right, bottom)).point(lambda grey: 255 - grey).getbbox() is None


def test_a_ship_label_says_what_the_carrier_and_the_customer_need() -> None:
    assert ship_label_shortfalls(PARCEL, Dpi.DPI_203) == ()
    said = texts(ship_label(PARCEL, Dpi.DPI_203))
    for words in (
        *PARCEL.sender,
        "Zoë O'Brien-Łukaszewicz",
        *PARCEL.ship_to.lines,
        "SW1A 1AA London",
        "UK",
        "DHL Parcel Connect",
        "SO-2024-000123",
        "1 / 3",
        "12 pieces",
        "4.321 kg",
        "(00) 3 4012345 123456789 5",
    ):
        assert words in said
    assert not any("REPRINT" in words for words in said)


def test_a_reprint_carries_the_same_sscc_and_a_mark_with_its_reason() -> None:
    said = texts(ship_label(REPRINT, Dpi.DPI_203))
    assert "REPRINT: first label torn" in said
    assert f">;>800{PARCEL.sscc}" in said
    (code,) = decode(picture_of(ship_label(REPRINT, Dpi.DPI_203), Dpi.DPI_203))
    assert code.text == f"(00){PARCEL.sscc}"


def test_what_is_not_known_is_not_on_the_label() -> None:
    said = texts(ship_label(REPRINT, Dpi.DPI_203))
    assert "1" in said
    assert "1 piece" in said
    assert not any("kg" in words or words == "WEIGHT" for words in said)


def test_what_does_not_fit_is_told_by_its_name() -> None:
    long = replace(PARCEL, order_reference="SO-" + "7" * 60, ship_to=replace(PARCEL.ship_to, name="Bob " * 60))
    assert [shortfall.field for shortfall in ship_label_shortfalls(long, Dpi.DPI_203)] == ["ship-to name", "order"]


def test_an_address_in_another_script_is_one_label_with_the_right_sscc() -> None:
    arabic = ShipTo("شركة النور", ("شارع الملك فهد 12",), "11564", "الرياض", "Саудовская Аравия")
    job = ship_label(replace(PARCEL, ship_to=arabic), Dpi.DPI_203)
    assert job.count(b"^GFA") == 4
    (code,) = decode(picture_of(job, Dpi.DPI_203))
    assert code.text == f"(00){PARCEL.sscc}"


@pytest.mark.parametrize(
    ("sscc", "said"),
    [
        ("340123451234567894", "check digit 4, but its other digits call for 5"),
        ("34012345123456789", "has to be 18 digits"),
        ("3401234512345678９5", "has to be 18 digits"),
    ],
)
def test_a_wrong_sscc_is_never_printed(sscc: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        replace(PARCEL, sscc=sscc)


def test_impossible_cartons_and_reprints_without_a_reason_are_refused() -> None:
    with pytest.raises(ValueError, match="no carton 4 of 3"):
        replace(PARCEL, carton_number=4)
    with pytest.raises(ValueError, match="no carton 0"):
        replace(PARCEL, carton_number=0)
    with pytest.raises(ValueError, match="a reprint says why"):
        replace(PARCEL, reprint_reason=" ")


def test_totes_and_locations_are_read_back() -> None:
    for job, code in (
        (JOBS["tote_label_203.zpl"], "T-000193K"),
        (location_label(LOCATION, Dpi.DPI_203), LOCATION.code),
    ):
        assert [found.text for found in decode(picture_of(job, Dpi.DPI_203))] == [code]
    assert "47" in texts(JOBS["location_label_300.zpl"])


@pytest.mark.parametrize("name", JOBS)
def test_our_own_rendering_reads_the_same(name: str) -> None:
    codes = {"ship": f"(00){PARCEL.sscc}", "tote": TOTE.code, "loca": LOCATION.code}
    ours = drawn_by_us(JOBS[name])
    assert ours.problems == ()
    assert [code.text for code in zxingcpp.read_barcodes(ours.image.convert("L"))] == [codes[name[:4]]]


@pytest.mark.parametrize("check_digits", ["", "4", "471", "4a", "٤٧"])
def test_a_location_without_two_check_digits_is_refused(check_digits: str) -> None:
    with pytest.raises(ValueError, match="needs two check digits"):
        LocationLabel("L-A-12-03-2X", "Zone A", check_digits)
