"""Every label that ships: its bytes, and what is read from two renderings that do not know each other."""

import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.emulators.label_picture import render as drawn_by_us
from layouts.arrows import Arrow, arrow_picture
from layouts.documents import thermal
from layouts.documents.document import Column, Document, rows_on_pages
from layouts.labels import location_label, position_label
from layouts.labels.kinds import LABELS
from layouts.labels.pallet_label import PalletLabel
from layouts.zpl import Dpi, LabelBuilder
from tests.layouts.hostile import ATTACKS
from tests.layouts.label_samples import CONTENT, SAMPLES, SHEET, SSCC, Sample
from tests.layouts.zpl_reading import is_one_label, texts
from tests.zpl_rendering import decode, render

GOLDEN = Path(__file__).parent / "golden"
NAMES = [(name, dpi) for name in SAMPLES for dpi in Dpi]


def job(sample: Sample, dpi: Dpi) -> bytes:
    return b"\n".join(builder.job() for builder in sample.lay_out(dpi))


@pytest.mark.parametrize(("name", "dpi"), NAMES)
def test_the_bytes_for_the_printer_are_the_agreed_ones(name: str, dpi: Dpi, tmp_path: Path) -> None:
    made = tmp_path / f"{name}_{dpi}.zpl"
    made.write_bytes(job(SAMPLES[name], dpi))
    agreed = (GOLDEN / made.name).read_bytes()
    assert made.read_bytes() == agreed, f"if the change is meant, look at it and copy {made} to {GOLDEN}"


@pytest.mark.parametrize(("name", "dpi"), NAMES)
def test_two_renderings_that_do_not_know_each_other_give_the_same_codes(name: str, dpi: Dpi) -> None:
    sample = SAMPLES[name]
    label = sample.lay_out(dpi)[0].job()
    assert is_one_label(label)
    (picture,) = render(label, dpi)
    assert tuple(code.text for code in decode(picture)) == sample.codes
    ours = drawn_by_us(label, dpi.dots_per_mm)
    assert tuple(code.text for code in zxingcpp.read_barcodes(ours.image.convert("L"))) == sample.codes


def test_a_pallet_says_its_cartons_and_carries_its_own_sscc() -> None:
    said = texts(job(SAMPLES["pallet"], Dpi.DPI_203))
    assert {"24 cartons", "312.5 kg", "Lane 7", "(00) 3 4012345 123456789 5", f">;>800{SSCC}"} <= set(said)
    with pytest.raises(ValueError, match="put the first carton on it"):
        replace(sample_value("pallet", PalletLabel), carton_count=0)
    with pytest.raises(ValueError, match="call for 5"):
        replace(sample_value("pallet", PalletLabel), sscc=SSCC[:-1] + "6")


def sample_value(name: str, of: type[PalletLabel]) -> PalletLabel:
    value = SAMPLES[name].value
    assert isinstance(value, of)
    return value


def test_the_colour_of_a_zone_stands_there_as_a_word() -> None:
    assert "Zone A - BLUE" in texts(job(SAMPLES["location_with_arrow"], Dpi.DPI_203))


WITH_ARROWS = [
    location_label.laid_out(location_label.LocationLabel("L-WWWWWWWWWW-X", "Z", "47", Arrow.UP), Dpi.DPI_203),
    position_label.laid_out(position_label.PositionLabel("W-1-A03-7", "W" * 40, "Wall 1", Arrow.UP), Dpi.DPI_203),
]


@pytest.mark.parametrize("builder", WITH_ARROWS)
def test_long_words_end_before_the_arrow_beside_them(builder: LabelBuilder) -> None:
    picture = drawn_by_us(builder.job()).image.convert("L")
    (found,) = re.findall(rb"\^FO(\d+),(\d+)\^GFA,\d+,(\d+)", builder.job())
    arrow_left, arrow_top, _ = map(int, found)
    before_the_arrow = picture.crop((arrow_left - 6, arrow_top, arrow_left, arrow_top + 40))
    assert before_the_arrow.getextrema() == (255, 255)
    assert picture.crop((0, arrow_top, arrow_left - 6, arrow_top + 40)).getextrema()[0] == 0


@pytest.mark.parametrize(
    ("arrow", "row", "is_tip"), [(Arrow.UP, 0, True), (Arrow.DOWN, -1, True), (Arrow.UP, -1, False)]
)
def test_an_arrow_is_pointed_where_it_points(arrow: Arrow, row: int, is_tip: bool) -> None:
    picture = arrow_picture(arrow, 80)
    rows = [picture.rows[start : start + 10] for start in range(0, 800, 10)]
    ink = sum(byte.bit_count() for byte in rows[row])
    assert (ink <= 3) is is_tip
    assert ink > 0


def test_arrows_to_the_sides_are_the_upright_ones_turned() -> None:
    def columns(arrow: Arrow) -> list[int]:
        rows = [f"{int.from_bytes(arrow_picture(arrow, 80).rows[at : at + 10]):080b}" for at in range(0, 800, 10)]
        return [sum(row[x] == "1" for row in rows) for x in range(80)]

    assert columns(Arrow.LEFT)[0] <= 3 < columns(Arrow.LEFT)[-1]
    assert columns(Arrow.RIGHT)[-1] <= 3 < columns(Arrow.RIGHT)[0]


def test_a_long_list_takes_as_many_labels_as_it_needs_and_every_line_stands_once() -> None:
    pages = [texts(builder.job()) for builder in SAMPLES["pick_sheet"].lay_out(Dpi.DPI_203)]
    assert [page[1] for page in pages] == [f"{number} / {len(pages)}" for number in range(1, len(pages) + 1)]
    assert len(pages) > 1
    said = [words for page in pages for words in page]
    for line in SHEET.lines:
        assert said.count(line.location) == 1
    assert all("PL-000042" in page for page in pages)
    assert any(words.startswith("Picked by") for words in pages[-1])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 200), st.floats(20, 100), st.floats(100, 200), st.floats(5, 15), st.floats(0, 20))
def test_every_row_has_its_page_and_no_page_holds_more_than_its_room(
    rows: int, first_mm: float, other_mm: float, row_mm: float, closing_mm: float
) -> None:
    counts = rows_on_pages(rows, first_mm, other_mm, row_mm=row_mm, closing_mm=closing_mm)
    assert sum(counts) == rows
    rooms = [first_mm, *[other_mm] * (len(counts) - 1)]
    assert all(count * row_mm <= room for count, room in zip(counts, rooms, strict=True))
    assert counts[-1] * row_mm + closing_mm <= rooms[-1]


def test_what_does_not_fit_is_told_by_its_name() -> None:
    long = replace(CONTENT, order_reference="SO-" + "7" * 200)
    (page,) = replace(SAMPLES["carton_content"], value=long).lay_out(Dpi.DPI_203)
    assert "Order" in [short.field for short in page.shortfalls]


def test_a_row_with_a_cell_too_few_is_no_document() -> None:
    with pytest.raises(ValueError, match="1 cells for 2 columns"):
        Document("t", "", (), (), (Column("a", 0.5), Column("b", 0.5)), (("1",),))


FOREIGN = {"worker_name": "أيشه 東京", "explanation": "東京\nالرياض", "belongs_to": "стена", "zone": "東"}


@pytest.mark.parametrize("name", ["badge", "command", "cubby", "location_with_arrow", "pallet"])
def test_other_scripts_leave_the_code_readable(name: str) -> None:
    sample = SAMPLES[name]
    foreign: Any = sample.value
    for field, text in FOREIGN.items():
        if hasattr(foreign, field):
            foreign = replace(foreign, **{field: text})
    if name == "pallet":
        foreign = replace(foreign, destination=("شركة النور", "東京都千代田区", "x" * 500))
    (builder,) = replace(sample, value=foreign).lay_out(Dpi.DPI_203)
    (picture,) = render(builder.job())
    assert tuple(code.text for code in decode(picture)) == sample.codes
    ours = drawn_by_us(builder.job()).image.convert("L")
    assert tuple(code.text for code in zxingcpp.read_barcodes(ours)) == sample.codes


any_text = st.lists(st.one_of(st.text(max_size=30), st.sampled_from([*ATTACKS, "\n", "東京", "الرياض", "x" * 5000])))
CODES = {"code", "sscc", "check_digits", "arrow", "carton_count", "weight_g"}


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([name for name in SAMPLES if SAMPLES[name].kind in LABELS]), any_text.map("".join))
def test_any_text_in_any_field_leaves_each_label_one_label(name: str, text: str) -> None:
    sample = SAMPLES[name]
    hostile: Any = sample.value
    for field in fields(hostile):
        if field.name not in CODES:
            is_lines = isinstance(getattr(hostile, field.name), tuple)
            hostile = replace(hostile, **{field.name: (text, text) if is_lines else text})
    (builder,) = replace(sample, value=hostile).lay_out(Dpi.DPI_203)
    assert is_one_label(builder.job())


@settings(max_examples=25, deadline=None)
@given(any_text.map("".join), st.integers(0, 25))
def test_any_text_in_a_document_leaves_each_of_its_labels_one_label(text: str, rows: int) -> None:
    columns = (Column(text, 0.3), Column("b", 0.7))
    document = Document(text, "PL-1", ((text, text),), (text,) * 9, columns, ((text, text),) * rows, (text,))
    assert all(is_one_label(page.job()) for page in thermal.thermal_pages(document, Dpi.DPI_203))
