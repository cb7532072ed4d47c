"""A site's own format: the one that ships is read back, and what would not print right is refused and says where."""

from dataclasses import replace
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import layouts.label_format
from drivers.emulators.label_picture import render as drawn_by_us
from layouts.label_format import FormatError, read_format
from layouts.labels.tote_label import ToteLabel
from layouts.zpl import Dpi
from tests.layouts.hostile import hostile_labels
from tests.layouts.label_samples import SSCC
from tests.layouts.test_labels import PARCEL, REPRINT
from tests.layouts.zpl_reading import is_one_label, texts
from tests.zpl_rendering import decode, render

SHIPPED = Path(layouts.label_format.__file__).with_name("formats") / "ship-large-carton.toml"
CODES = {f"(00){SSCC}", PARCEL.order_reference}


@pytest.mark.parametrize("dpi", list(Dpi))
def test_the_example_is_read_back_from_two_renderings(dpi: Dpi) -> None:
    job = read_format(SHIPPED).lay_out(PARCEL, dpi).job()
    assert is_one_label(job)
    assert {"1 / 3", "SW1A 1AA London", *PARCEL.sender} <= set(texts(job))
    (picture,) = render(job, dpi)
    assert {code.text for code in decode(picture)} == CODES
    ours = drawn_by_us(job, dpi.dots_per_mm)
    assert ours.problems == ()
    assert {code.text for code in zxingcpp.read_barcodes(ours.image.convert("L"))} == CODES


def test_a_field_without_a_value_leaves_its_place_free() -> None:
    site_format = read_format(SHIPPED)
    assert not any("REPRINT" in words for words in texts(site_format.lay_out(PARCEL, Dpi.DPI_203).job()))
    assert "REPRINT: first label torn" in texts(site_format.lay_out(REPRINT, Dpi.DPI_203).job())


def test_hostile_orders_leave_a_sites_own_label_one_label() -> None:
    site_format = read_format(SHIPPED)
    for label in hostile_labels(60, seed=3):
        job = site_format.lay_out(replace(label, order_reference="SO-1"), Dpi.DPI_203).job()
        assert is_one_label(job)
        assert f">;>800{SSCC}" in texts(job)


def changed(tmp_path: Path, old: str, new: str) -> str:
    """What is said of the example with `old` put for `new`."""
    text = SHIPPED.read_text("utf-8")
    assert text.count(old) >= 1
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(FormatError) as refused:
        read_format(path)
    assert str(refused.value).startswith("mine.toml: ")
    assert "no label is printed from it until the file is put right" in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('label = "ship"', 'label = "shp"', "there is no label 'shp'; there are ship, pallet, tote"),
        ('label = "ship"', "label = ship", "line 4"),
        ('label = "ship"', 'label = "ship"\ncolour = "red"', "unknown field `colour`"),
        ("width_mm = 101.6", "width_mm = nan", "width_mm"),
        ('kind = "qr"', 'kind = "qrcode"', "element 2 (qrcode): Invalid value 'qrcode'"),
        ("module_mm = 0.75", "module_mm = -1", "element 2 (qr): Expected `float` > 0"),
        ("module_mm = 0.75", 'module_mm = "thick"', "element 2 (qr): Expected `float`, got `str`"),
        ("module_mm = 0.75", "", "element 2 (qr): Object missing required field `module_mm`"),
        ("module_mm = 0.75", "module_mm = 0.75\nsize = 3", "element 2 (qr): Object contains unknown field `size`"),
        ('words = "SHIP TO"', "", "element 5 (text) needs either a field or words"),
        ('words = "SHIP TO"', 'words = "SHIP TO"\nfield = "town"', "element 5 (text) needs either a field or words"),
        ('field = "town"', 'field = "city"', "a ship label has no field 'city'; it has carrier_service, carton"),
        ('field = "town"', 'field = "__class__"', "a ship label has no field '__class__'"),
        ('field = "ship_to.name"', 'field = "ship_to"', "a ship label has no field 'ship_to'"),
        ("x_mm = 72", "x_mm = 99", "element 2 (qr) reaches to 106.5"),
        ("y_mm = 108.5", "y_mm = 149", "element 15 (text) reaches to 97.6 x 154.5 mm, beyond the label"),
        ("y_mm = 108.5", "y_mm = 114", "element 15 (text) lies on the bars of sscc"),
        ('kind = "gs1-128"', 'kind = "code-128"\nwidth_mm = 90', "element 16 (code-128)"),
        ("height_mm = 32", "height_mm = 20", "has to carry bars of sscc (gs1-128), at least 32.0 mm high"),
        ("module_mm = 0.495", "module_mm = 0.4", "modules of at least 0.495 mm"),
        ('ai = "00"', 'ai = "02"', "has to carry bars of sscc"),
        ('field = "sscc"', 'field = "order_reference"', "has to carry bars of sscc"),
        ("x_mm = 11.8", "x_mm = 2", "would not scan"),
        ('field = "readable_sscc"', 'field = "order_reference"', "has to show readable_sscc as text"),
        ('field = "reprint_mark"', 'field = "order_reference"', "has to show reprint_mark as text"),
    ],
)
def test_what_would_not_print_right_is_refused_and_says_where(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert said in changed(tmp_path, old, new)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="No such file"):
        read_format(tmp_path / "none.toml")


TOTE = """
label = "tote"
name = "Tote with a logo"
width_mm = 60
height_mm = 40
[[element]]
kind = "image"
x_mm = 2
y_mm = 2
file = "logo.png"
width_mm = 10
[[element]]
kind = "text"
x_mm = 14
y_mm = 2
field = "code"
height_mm = 5
width_mm = 40
[[element]]
kind = "line"
x_mm = 14
y_mm = 9
length_mm = 40
[[element]]
kind = "code-128"
x_mm = 2
y_mm = 13
field = "code"
height_mm = 12
width_mm = 56
[[element]]
kind = "datamatrix"
x_mm = 2
y_mm = 28
field = "code"
module_mm = 0.6
"""


def test_a_picture_beside_the_format_is_printed_and_one_elsewhere_is_not(tmp_path: Path) -> None:
    Image.linear_gradient("L").save(tmp_path / "logo.png")
    path = tmp_path / "tote.toml"
    path.write_text(TOTE, "utf-8")
    job = read_format(path).lay_out(ToteLabel("T-000193-K", "x"), Dpi.DPI_203).job()
    assert b"^GFA,800,800,10," in job
    (picture,) = render(job)
    assert [code.text for code in decode(picture)] == ["T-000193-K", "T-000193-K"]
    for file, said in (("../logo.png", "named without a folder"), ("none.png", "cannot be read")):
        path.write_text(TOTE.replace("logo.png", file), "utf-8")
        with pytest.raises(FormatError, match=said):
            read_format(path)
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    path.write_text(TOTE, "utf-8")
    with pytest.raises(FormatError, match="cannot be read"):
        read_format(path)


def test_a_format_prints_only_its_own_label() -> None:
    with pytest.raises(TypeError, match="a format of ShipLabel, not of ToteLabel"):
        read_format(SHIPPED).lay_out(ToteLabel("T-1", "x"), Dpi.DPI_203)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_damaged_format_is_refused_or_still_prints_a_label_with_its_sscc(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    lines = SHIPPED.read_text("utf-8").splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    lines[at] = data.draw(st.one_of(st.just(""), st.text(max_size=20), st.sampled_from(lines)))
    path = tmp_path_factory.getbasetemp() / "damaged.toml"
    path.write_text("\n".join(lines), "utf-8", errors="replace")
    try:
        site_format = read_format(path)
    except FormatError:
        return
    assert f">;>800{SSCC}" in texts(site_format.lay_out(PARCEL, Dpi.DPI_203).job())
