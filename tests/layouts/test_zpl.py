"""Each element as an independent renderer draws it."""

from itertools import groupby

import pytest
from PIL import Image

from layouts.gs1 import Element
from layouts.pictures import Bitmap
from layouts.zpl import Dpi, LabelBuilder
from tests.layouts.zpl_reading import is_one_label, texts
from tests.zpl_rendering import decode, render


def builder_of(dpi: Dpi = Dpi.DPI_203) -> LabelBuilder:
    return LabelBuilder(100, 60, dpi)


def drawn(builder: LabelBuilder, dpi: Dpi = Dpi.DPI_203) -> Image.Image:
    job = builder.job()
    assert is_one_label(job)
    pictures = render(job, dpi)
    assert len(pictures) == 1
    return pictures[0]


def ink(picture: Image.Image) -> tuple[int, int, int, int]:
    """The box around all that is black."""
    box = picture.point(lambda grey: 255 - grey).getbbox()
    assert box is not None
    return box


def test_every_job_sets_what_an_earlier_job_may_have_left() -> None:
    builder = LabelBuilder(101.6, 152.4, Dpi.DPI_203, copies=2)
    builder.box(1, 1, width_mm=10, height_mm=10)
    lines = builder.job().split(b"\n")
    assert lines[:6] == [b"^XA", b"^CI28", b"^PW812", b"^LL1219", b"^LH0,0", b"^PON"]
    assert lines[-2:] == [b"^PQ2,0,1,Y", b"^XZ"]


@pytest.mark.parametrize(("dpi", "size"), [(Dpi.DPI_203, (812, 1219)), (Dpi.DPI_300, (1200, 1800))])
def test_a_label_is_as_large_at_each_resolution_as_the_paper(dpi: Dpi, size: tuple[int, int]) -> None:
    builder = LabelBuilder(101.6, 152.4, dpi)
    builder.box(1, 1, width_mm=10, height_mm=10)
    assert drawn(builder, dpi).size == size


@pytest.mark.parametrize("dpi", list(Dpi))
def test_a_box_stands_where_it_was_put(dpi: Dpi) -> None:
    builder = builder_of(dpi)
    builder.box(10, 20, width_mm=30, height_mm=15, thickness_mm=0.5)
    assert ink(drawn(builder, dpi)) == tuple(dpi.dots(edge) for edge in (10, 20, 40, 35))


def test_a_box_without_height_is_a_line_one_thickness_high() -> None:
    builder = builder_of()
    builder.box(10, 20, width_mm=30, height_mm=0, thickness_mm=0.5)
    assert ink(drawn(builder)) == (80, 160, 320, 164)


@pytest.mark.parametrize(("label", "said"), [((0, 10, 1), "above zero"), ((10, -1, 1), "above"), ((9, 9, 0), "above")])
def test_a_label_without_a_size_or_copies_is_refused(label: tuple[float, float, int], said: str) -> None:
    width_mm, height_mm, copies = label
    with pytest.raises(ValueError, match=said):
        LabelBuilder(width_mm, height_mm, Dpi.DPI_203, copies)


def test_a_label_with_nothing_on_it_is_refused() -> None:
    builder = builder_of()
    builder.text(5, 5, "\x00 \u200b", field="name", height_mm=5, width_mm=50)
    with pytest.raises(ValueError, match="this label is empty"):
        builder.job()


@pytest.mark.parametrize(
    "line",
    [
        "Wilhelmina Müller-Lüdenscheidt",
        "iiiiiiiiiiiiii",
        "MMMMMWWWWW",
        "0123456789",
        "(00) 3 4012345",
        "Ąż & Łódź, Ångström",
    ],
)
def test_printed_text_is_never_wider_than_estimated_and_not_much_narrower(line: str) -> None:
    """The least width that still takes the line whole is the estimate."""
    estimate_mm = next(width for width in range(5, 200) if not shortened(line, width))
    builder = LabelBuilder(200, 20, Dpi.DPI_203)
    builder.text(0, 5, line, field="line", height_mm=5, width_mm=estimate_mm)
    left, _, right, _ = ink(drawn(builder))
    assert 0.8 * estimate_mm * 8 <= right - left <= estimate_mm * 8


def shortened(line: str, width_mm: float) -> bool:
    builder = builder_of()
    builder.text(0, 5, line, field="line", height_mm=5, width_mm=width_mm)
    return bool(builder.shortfalls)


def test_text_that_is_too_wide_shrinks_before_anything_is_left_out() -> None:
    builder = builder_of()
    builder.text(5, 5, "Wilhelmina Müller-Lüdenscheidt", field="name", height_mm=8, least_height_mm=4, width_mm=60)
    left, _, right, _ = ink(drawn(builder))
    assert right - left <= 60 * 8
    assert builder.shortfalls == ()
    assert texts(builder.job()) == ["Wilhelmina Müller-Lüdenscheidt"]


def test_text_that_is_too_wide_at_its_least_height_ends_in_dots_and_is_told() -> None:
    builder = builder_of()
    name = "Donaudampfschifffahrtsgesellschaft Wien"
    builder.text(5, 5, name, field="name", height_mm=8, least_height_mm=6, width_mm=40)
    (shortfall,) = builder.shortfalls
    assert (shortfall.field, shortfall.asked) == ("name", name)
    assert texts(builder.job()) == [shortfall.printed]
    assert shortfall.printed.endswith("...")
    assert name.startswith(shortfall.printed[:-3])
    left, _, right, _ = ink(drawn(builder))
    assert right - left <= 40 * 8


def test_a_block_wraps_at_blanks_and_keeps_line_ends() -> None:
    builder = builder_of()
    address = "Building 7, Entrance C\nIndustrial Estate North, Long Eaton Road 112"
    builder.block(5, 5, address, field="address", height_mm=4, width_mm=40, area_mm=40)
    lines = texts(builder.job())
    assert lines[0] == "Building 7, Entrance C"
    assert " ".join(lines) == address.replace("\n", " ")
    assert len(lines) == 3
    assert builder.shortfalls == ()


def test_a_block_that_does_not_fit_at_its_least_height_is_told_and_stays_in_its_area() -> None:
    builder = builder_of()
    address = "Long Eaton Road 112, " * 40
    builder.block(5, 10, address, field="address", height_mm=5, least_height_mm=3, width_mm=60, area_mm=20)
    assert [shortfall.field for shortfall in builder.shortfalls] == ["address"]
    assert texts(builder.job())[-1].endswith("...")
    left, top, right, bottom = ink(drawn(builder))
    assert left >= 5 * 8
    assert top >= 10 * 8
    assert right <= 65 * 8
    assert bottom <= 30 * 8


def test_codes_are_read_back_as_they_were_asked_for() -> None:
    builder = LabelBuilder(100, 90, Dpi.DPI_203)
    builder.qr(5, 5, "https://example.com/ü?a=^XZ~JA_5E", module_mm=0.6)
    builder.datamatrix(
        60, 5, [Element("01", "09521234543213"), Element("10", "LOT_1"), Element("21", "S1")], module_mm=0.6
    )
    builder.datamatrix(60, 25, "~1 _1 |1 ^XZ", module_mm=0.6)
    builder.gs1_128(6, 45, [Element("01", "09521234543213"), Element("10", "1234567AB")], height_mm=12, module_mm=0.25)
    builder.code_128(0, 65, "T-000193K ^XZ~JA", height_mm=12, width_mm=100)
    found = [(code.text, code.symbology) for code in decode(drawn(builder))]
    assert sorted(found) == [
        ("(01)09521234543213(10)1234567AB", "]C1"),
        ("(01)09521234543213(10)LOT_1(21)S1", "]d2"),
        ("T-000193K ^XZ~JA", "]C0"),
        ("https://example.com/ü?a=^XZ~JA_5E", "]Q1"),
        ("~1 _1 |1 ^XZ", "]d1"),
    ]


def test_a_qr_code_stands_where_it_was_put() -> None:
    builder = builder_of()
    builder.qr(10, 20, "QR", module_mm=0.5)
    assert ink(drawn(builder))[:2] == (80, 160)


@pytest.mark.parametrize(("dpi", "dots"), [(Dpi.DPI_203, 4), (Dpi.DPI_300, 6)])
def test_modules_are_whole_dots_and_never_narrower_than_asked(dpi: Dpi, dots: int) -> None:
    builder = LabelBuilder(101.6, 60, dpi)
    builder.gs1_128(11, 5, [Element("00", "340123451234567895")], height_mm=32, module_mm=0.495)
    picture = drawn(builder, dpi)
    row = picture.crop((0, dpi.dots(20), picture.width, dpi.dots(20) + 1)).tobytes()
    runs = [len(list(run)) for _, run in groupby(row)][1:-1]
    assert min(runs) == dots
    assert all(run % dots == 0 for run in runs)
    assert dots / dpi.dots_per_mm >= 0.495
    assert builder.module_mm(0.495) == dots / dpi.dots_per_mm


def test_bars_without_room_for_their_quiet_zones_are_refused() -> None:
    elements = [Element("00", "340123451234567895")]
    with pytest.raises(ValueError, match="would not scan"):
        builder_of().gs1_128(4, 5, elements, height_mm=32, module_mm=0.495)
    with pytest.raises(ValueError, match="would not scan"):
        builder_of().gs1_128(20, 5, elements, height_mm=32, module_mm=0.495)


@pytest.mark.parametrize("data", ["", "a>b", "tab\t", "ü", "\x1d"])
def test_a_code_128_that_a_printer_would_not_print_as_asked_is_refused(data: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII without '>'"):
        builder_of().code_128(0, 5, data, height_mm=10, width_mm=90)


def test_a_code_128_too_long_for_its_place_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        builder_of().code_128(0, 5, "X" * 40, height_mm=10, width_mm=90)


@pytest.mark.parametrize("data", ["", "line\nend", "\x1d", "ü", "|@#$`{}"])
def test_a_datamatrix_that_would_not_read_as_asked_is_refused(data: str) -> None:
    with pytest.raises(ValueError, match="cannot be a DataMatrix"):
        builder_of().datamatrix(5, 5, data, module_mm=0.5)


def test_a_picture_is_drawn_dot_by_dot() -> None:
    chequered = Bitmap(13, 4, bytes.fromhex("AAA85550AAA85550"))
    builder = builder_of()
    builder.picture(10, 20, chequered)
    picture = drawn(builder)
    square = picture.crop((80, 160, 93, 164)).point(lambda grey: 255 - grey).convert("1")
    assert square.tobytes() == chequered.rows
    assert ink(picture) == (80, 160, 93, 164)


def test_a_bitmap_of_the_wrong_size_is_refused() -> None:
    with pytest.raises(ValueError, match="takes 8 bytes"):
        Bitmap(13, 4, bytes(7))
