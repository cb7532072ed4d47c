"""Pictures of labels: decoded symbols, exact dots, and everything that is not known said."""

import base64
import binascii
import zlib
from itertools import groupby

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drivers.emulators.label_picture import LabelPicture, render

SETUP = b"^CI28^PW812^LL1218^LH0,0^PON^PQ1"
SSCC_FIELD = b"^BY4,3,256^FO80,800^BCN,256,Y,N,N,D^FD(00)340123450000000018^FS"


def label(*fields: bytes) -> LabelPicture:
    return render(b"^XA" + SETUP + b"".join(fields) + b"^XZ")


def drawn(*fields: bytes) -> Image.Image:
    picture = label(*fields)
    assert picture.problems == ()
    return picture.image


def decoded(image: Image.Image) -> list[tuple[str, str, str]]:
    found = zxingcpp.read_barcodes(image.convert("L"), text_mode=zxingcpp.TextMode.Plain)
    return sorted((str(one.format), one.symbology_identifier, one.text) for one in found)


def ink_box(image: Image.Image) -> tuple[int, int, int, int] | None:
    return image.convert("L").point(lambda grey: 255 - grey).getbbox()


def runs_in_row(image: Image.Image, row: int) -> list[int]:
    grey = image.convert("L")
    runs = [len(list(run)) for _, run in groupby(grey.getpixel((x, row)) for x in range(grey.width))]
    return runs[1:-1]


def test_an_sscc_label_is_read_as_gs1_and_its_modules_are_exactly_four_dots() -> None:
    image = drawn(SSCC_FIELD)
    assert decoded(image) == [("Code 128", "]C1", "00340123450000000018")]
    for row in (800, 900, 1055):
        runs = runs_in_row(image, row)
        assert {run % 4 for run in runs} == {0}
        # Start, FNC1, ten pairs, check: 13 symbols of 11 modules; stop: 13.
        assert sum(runs) == (13 * 11 + 13) * 4
    assert image.convert("L").getpixel((79, 900)) == 255
    assert image.convert("L").getpixel((80, 799)) == 255


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (b"^BY2^FO60,60^BCN,100,N,N,N,N^FD>:T-000193^FS", ("Code 128", "]C0", "T-000193")),
        (b"^BY2^FO60,60^BCN,100,Y,N,N,N^FDL-01-02^FS", ("Code 128", "]C0", "L-01-02")),
        (b"^BY2^FO60,60^BCN,100,Y,Y,N,N^FD>;1234>6AB>5567890^FS", ("Code 128", "]C0", "1234AB567890")),
        (b"^BY2^FO60,60^BCN,100,N,N,N,N^FD>;>80034012345^FS", ("Code 128", "]C1", "0034012345")),
        (b"^BY2^FO60,60^BCN,100,N,N,N,N^FDa>0b><c>=d^FS", ("Code 128", "]C0", "a>b^c~d")),
        (b"^BY2^FO60,60^BCN,100,N,N,N,D^FD(10)LOT1>8(21)SER 1^FS", ("Code 128", "]C1", "10LOT1\x1d21SER1")),
        (b"^BY3^FO60,60^BCR,100,N,N,N,N^FDT-000193^FS", ("Code 128", "]C0", "T-000193")),
        (b"^BY3^FO60,60^BCB,100,Y,N,N,N^FDT-000193^FS", ("Code 128", "]C0", "T-000193")),
        (
            b"^FO60,60^BQN,2,5,Q,7^FDQA,https://floorhand.example/T-000193^FS",
            ("QR Code", "]Q1", "https://floorhand.example/T-000193"),
        ),
        (b"^FO60,60^BXN,8,200,,,,_^FDT-000193^FS", ("Data Matrix", "]d1", "T-000193")),
        (b"^FO60,60^BXN,8,200,,,,_^FDa__b_d065^FS", ("Data Matrix", "]d1", "a_bA")),
        (
            b"^FO60,60^BXN,6,200,,,,_^FD_1010400638133393110LOT1_121SER^FS",
            ("Data Matrix", "]d2", "010400638133393110LOT1\x1d21SER"),
        ),
        (b"^FO60,60^BXN,6,200,,,,_^FD_100340123450000000018^FS", ("Data Matrix", "]d2", "00340123450000000018")),
    ],
)
def test_every_kind_of_symbol_is_read_back_as_it_was_written(field: bytes, expected: tuple[str, str, str]) -> None:
    assert decoded(drawn(field)) == [expected]


def test_a_qr_code_holds_the_bytes_that_the_printer_was_given() -> None:
    image = drawn(b"^FO60,60^BQN,2,5,M,7^FH_^FDMA,Gr_C3_B6_C3_9Fe^FS")
    barcode = zxingcpp.read_barcode(image.convert("L"))
    assert barcode is not None
    assert barcode.bytes == "Größe".encode()


def test_matrix_modules_are_exact_and_stand_where_they_were_put() -> None:
    assert ink_box(drawn(b"^FT60,200^BQN,2,5,Q,7^FDQA,T-000193^FS")) == (60, 200 - 21 * 5, 60 + 21 * 5, 200)
    assert ink_box(drawn(b"^FO60,70^BXN,7,200,,,,_^FDT-000193^FS")) == (60, 70, 60 + 12 * 7, 70 + 12 * 7)


@pytest.mark.parametrize(("default", "lowered"), [(b"", 10), (b"^BY2,3,64", 64)])
def test_a_qr_code_stands_below_its_origin_by_the_bar_height_as_in_a_printer(default: bytes, lowered: int) -> None:
    box = ink_box(drawn(default + b"^FO60,70^BQN,2,5,Q,7^FDQA,T-000193^FS"))
    assert box == (60, 70 + lowered, 60 + 21 * 5, 70 + lowered + 21 * 5)


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters(codec="ascii", exclude_characters="^~>\r\n()\x7f"), min_size=1, max_size=20))
def test_any_text_in_an_automatic_code_128_is_read_back(text: str) -> None:
    image = render(b"^XA^PW1400^LL200^BY3^FO60,20^BCN,150,N,N,N,A^FD" + text.encode() + b"^FS^XZ").image
    assert [found for _, _, found in decoded(image)] == [text]


def test_boxes_lines_and_reverse_fields_have_the_dots_that_were_asked_for() -> None:
    assert ink_box(drawn(b"^FO30,250^GB750,4,4,B,0^FS")) == (30, 250, 780, 254)
    assert ink_box(drawn(b"^LH10,20^FO30,250^GB4,300,4^FS")) == (40, 270, 44, 570)
    frame = drawn(b"^FO10,10^GB100,60,3^FS").convert("L")
    assert [frame.getpixel((x, 40)) for x in (10, 12, 13, 106, 107, 109)] == [0, 0, 255, 255, 0, 0]
    reverse = drawn(b"^FO10,10^GB100,60,60^FS^FO50,0^FR^GB20,100,20^FS").convert("L")
    assert [reverse.getpixel(point) for point in ((60, 5), (60, 40), (20, 40), (60, 90))] == [0, 255, 0, 0]
    white = drawn(b"^FO10,10^GB100,60,60^FS^FO20,20^GB10,10,10,W^FS").convert("L")
    assert [white.getpixel(point) for point in ((25, 25), (15, 25))] == [255, 0]


def test_an_inverted_label_is_turned_upside_down() -> None:
    assert ink_box(render(b"^XA^PW400^LL200^POI^FO0,0^GB10,20,10^FS^XZ").image) == (390, 180, 400, 200)


def test_text_stands_below_its_origin_or_on_its_baseline() -> None:
    from_top = ink_box(drawn(b"^FO50,100^A0N,40,40^FDHH^FS"))
    on_line = ink_box(drawn(b"^FT50,100^A0N,40,40^FDHH^FS"))
    assert from_top is not None
    assert on_line is not None
    assert 100 <= from_top[1] < from_top[3] <= 140
    assert abs(on_line[3] - 100) <= 1
    assert from_top[3] - from_top[1] == on_line[3] - on_line[1]


def test_text_turned_by_a_quarter_is_as_high_as_it_was_wide() -> None:
    across = ink_box(drawn(b"^FO100,100^A0N,40,40^FDTurned^FS"))
    down = ink_box(drawn(b"^FO100,100^A0R,40,40^FDTurned^FS"))
    assert across is not None
    assert down is not None
    assert (across[2] - across[0], across[3] - across[1]) == (down[3] - down[1], down[2] - down[0])


def test_a_wider_font_sets_wider_text() -> None:
    narrow, wide = (ink_box(drawn(b"^FO0,100^A0N,40,%d^FDcarton^FS" % width)) for width in (20, 40))
    assert narrow is not None
    assert wide is not None
    assert wide[2] > 1.8 * narrow[2]


def test_a_block_wraps_aligns_and_cuts_what_does_not_fit() -> None:
    words = b"one two three four five six seven eight nine ten " * 4
    left, right, long = (
        ink_box(drawn(b"^FO100,100^A0N,30,30^FB200,%d,2,%s,0^FD%s^FS" % (lines, align, text)))
        for lines, align, text in ((1, b"L", b"one"), (1, b"R", b"one"), (3, b"L", words))
    )
    assert left is not None
    assert right is not None
    assert long is not None
    assert abs(left[0] - 100) <= 4
    assert abs(right[2] - 300) <= 4
    assert long[2] <= 302
    assert 100 + 2 * 32 < long[3] <= 100 + 3 * 32 + 6


def test_accents_and_greek_are_drawn_and_what_no_font_has_is_said() -> None:
    assert drawn("^FO10,10^A0N,30,30^FDŁódź Größe Ωδ Привет^FS".encode()).size == (812, 1218)
    assert label("^FO10,10^A0N,30,30^FD東京^FS".encode()).problems == ("the picture's font has no sign for '京東'",)


def pixels_of_graphic(data: bytes, rows: int, row_bytes: int) -> bytes:
    total = rows * row_bytes
    field = b"^PW%d^LL%d^FO0,0^GFA,%d,%d,%d,%s^FS" % (row_bytes * 8, rows, len(data), total, row_bytes, data)
    return drawn(field).tobytes()


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(
        st.lists(st.tuples(st.sampled_from(b"\x00\xff\x11\x5a\xf0"), st.integers(1, 40)), min_size=1).map(
            lambda runs: b"".join(bytes((byte,)) * count for byte, count in runs)[:40].ljust(40, b"\x3c")
        ),
        min_size=1,
        max_size=12,
    )
)
def test_a_graphic_is_the_same_in_every_encoding(rows: list[bytes]) -> None:
    bitmap = b"".join(rows)
    packed = base64.b64encode(zlib.compress(bitmap))
    z64 = b":Z64:" + packed + b":%04X" % binascii.crc_hqx(packed, 0)
    expected = bytes(255 - byte for byte in bitmap)
    for data in (bitmap.hex().upper().encode(), z64, _repeat_counted(rows)):
        assert pixels_of_graphic(data, len(rows), 40) == expected


def _repeat_counted(rows: list[bytes]) -> bytes:
    """The alternative compression as a printer's manual describes it, written without looking at the reader."""
    said = ""
    for place, row in enumerate(rows):
        if place and row == rows[place - 1]:
            said += ":"
            continue
        digits = row.hex().upper()
        kept = digits.rstrip("0")
        ending = "," if kept != digits else ""
        if kept == digits and digits.endswith("F"):
            kept, ending = digits.rstrip("F"), "!"
        for sign, run in groupby(kept):
            count = len(list(run))
            twenties, ones = divmod(count, 20)
            said += chr(ord("f") + twenties) if twenties else ""
            said += chr(ord("F") + ones) if ones and count > 1 else ""
            said += sign
        said += ending
    return said.encode()


@pytest.mark.parametrize(
    ("field", "problem"),
    [
        (b"^XX1,2", "the command ^XX is not known"),
        (b"^FO1,1^B3N,N,100^FDx^FS", "the command ^B3 is not known"),
        (b"^FO1,1^ADN,30^FDx^FS", "the font 'D' is not known and font 0 stands in for it"),
        (b"^FO1,1^BCN,100,N,N,N,U^FD1^FS", "the mode U of ^BC is not known, only N, D and A"),
        (b"^FO1,1^BCN,100,N,N,N,N^FD>;123^FS", "subset C of a Code 128 holds pairs of digits only"),
        (b"^FO1,1^BCN,100,N,N,N,N^FDa>?^FS", "the invocation code '>?' in a Code 128 is not known"),
        ("^FO1,1^BCN,100,N,N,N,N^FDß^FS".encode(), "a Code 128 cannot hold 'ß' in subset B"),
        (b"^FO1,1^BXN,6,140^FDx^FS", "^BX of another quality than 200 is not known"),
        (b"^FO1,1^BXN,6,200,,,,_^FD_1XX^FS", "the GS1 data 'XX' begin with no application identifier"),
        (
            b"^FO1,1^BQN,2,5^FDT-000193^FS",
            "the data of a QR code begin with the error correction and the input mode, such as 'QA,'",
        ),
        (b"^FO1,1^BQN,2,5^FDQA," + b"x" * 5000 + b"^FS", "the symbol cannot hold its data"),
        (b"^FO1,1^GFB,1,1,1,x^FS", "only ^GFA with all its parameters is known"),
        (b"^FO1,1^GFA,2,2,1,FF^FS", "^GFA announces 2 bytes and holds 1"),
        (b"^FO1,1^GFA,2,3,2,FF^FS", "the sizes in ^GFA do not fit together"),
        (b"^FO1,1^GFA,2,2,1,FFxx??^FS", "the data in ^GFA holds signs that are no hex digits"),
        (b"^FO1,1^GFA,2,2,1,:Z64:eJz7DwAB/wEA:0000^FS", "the checksum in ^GFA is wrong"),
        (b"^FO1,1^A0N,30^FD\xff^FS", "the text b'\\xff' is not in the encoding that ^CI names"),
    ],
)
def test_what_cannot_be_drawn_is_said(field: bytes, problem: str) -> None:
    problems = label(field).problems
    assert len(problems) >= 1
    assert problems[0].startswith(problem)


@settings(max_examples=150, deadline=None)
@given(
    pieces=st.lists(
        st.one_of(
            st.binary(max_size=8),
            st.sampled_from(
                b"^FO10,10 ^FT9999,1 ^A0N,30,30 ^FB100,2,0,C ^FD>8>;12 ^FDQA,x ^FD_1x ^FS ^BCN,50,Y,N,N,D ^BQN,2,3"
                b" ^BXN,3,200 ^BY9 ^FH ^FR ^GB1,99999,2 ^GFA,1,1,1, ^PW300 ^LL200 ^POI ^CF0,20 ^LH5,5 ^CI28 ^CI0"
                b" :Z64:x:0 ^A0B -99".split()
            ),
        ),
        max_size=25,
    )
)
def test_no_label_whatsoever_stops_the_printer_from_drawing(pieces: list[bytes]) -> None:
    picture = render(b"^XA" + b"".join(pieces) + b"^XZ")
    assert picture.png().startswith(b"\x89PNG")
