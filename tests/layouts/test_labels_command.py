"""`floor labels`, as an administrator uses it."""

import base64
import io
import json
import re
from dataclasses import asdict
from pathlib import Path

import pytest
import zxingcpp
from click.testing import CliRunner, Result
from PIL import Image

from drivers.emulators.label_picture import render as drawn_by_us
from floor.cli import floor
from floor.commands.label_preview import kitty, picture_for, sixel, text_rows
from layouts.labels.ship_label import ship_label
from layouts.labels.tote_label import ToteLabel, tote_label
from layouts.zpl import Dpi
from tests.layouts.label_samples import SAMPLES, SHEET, SLIP
from tests.layouts.pdf_reading import pages_of
from tests.layouts.test_label_format import SHIPPED
from tests.layouts.test_labels import PARCEL


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(floor, ["labels", *map(str, arguments)])


def json_file(folder: Path, value: object) -> Path:
    path = folder / "data.json"
    path.write_text(json.dumps(value), "utf-8")
    return path


def codes(path: Path) -> list[str]:
    with Image.open(path) as picture:
        return [code.text for code in zxingcpp.read_barcodes(picture.convert("L"))]


@pytest.mark.parametrize("dpi", ["203", "300"])
def test_a_label_of_data_is_drawn_and_read_back(tmp_path: Path, dpi: str) -> None:
    data = json_file(tmp_path, asdict(PARCEL))
    out = tmp_path / "label.png"
    result = run("render", "--label", "ship", "--data", data, "--dpi", dpi, "-o", out)
    assert result.exit_code == 0, result.output
    assert codes(out) == [f"(00){PARCEL.sscc}"]
    with Image.open(out) as picture:
        assert abs(picture.width / int(dpi) - 4.0) < 0.01


def test_a_zpl_file_is_drawn_label_by_label(tmp_path: Path) -> None:
    totes = [tote_label(ToteLabel(code, "Demo"), Dpi.DPI_203) for code in ("T-000001-A", "T-000002-B")]
    source = tmp_path / "totes.zpl"
    source.write_bytes(b"\r\n".join(totes))
    result = run("render", source, "-o", tmp_path / "out.png")
    assert result.exit_code == 0, result.output
    assert [codes(tmp_path / f"out-{number}.png") for number in (1, 2)] == [["T-000001-A"], ["T-000002-B"]]


def test_a_sites_own_format_is_drawn(tmp_path: Path) -> None:
    data = json_file(tmp_path, asdict(PARCEL))
    result = run("render", "--format", SHIPPED, "--data", data, "-o", tmp_path / "label.png")
    assert result.exit_code == 0, result.output
    assert set(codes(tmp_path / "label.png")) == {f"(00){PARCEL.sscc}", PARCEL.order_reference}


def test_a_document_is_written_as_pdf_or_for_a_label_printer(tmp_path: Path) -> None:
    slip = json_file(tmp_path, asdict(SLIP))
    assert run("render", "--label", "packing-slip", "--data", slip, "-o", tmp_path / "slip.pdf").exit_code == 0
    assert "MUG-RED" in pages_of((tmp_path / "slip.pdf").read_bytes())[0].texts
    sheet = json_file(tmp_path, asdict(SHEET))
    assert run("render", "--label", "pick-sheet", "--data", sheet, "-o", tmp_path / "sheet.zpl").exit_code == 0
    pages = SAMPLES["pick_sheet"].lay_out(Dpi.DPI_203)
    assert (tmp_path / "sheet.zpl").read_bytes() == b"\n".join(page.job() for page in pages) + b"\n"


def test_what_does_not_fit_is_said(tmp_path: Path) -> None:
    data = json_file(tmp_path, {**asdict(PARCEL), "order_reference": "7" * 99})
    result = run("render", "--label", "ship", "--data", data, "-o", tmp_path / "label.png")
    assert result.exit_code == 0
    assert "order: too long for its place; printed as: 777" in result.stderr


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("[]", "the data are no ToteLabel: Expected `object`, got `array`"),
        ("{", "the data are no ToteLabel: Input data was truncated"),
        ('{"code": "T-1"}', "missing required field `caption`"),
        ('{"code": 7, "caption": "x"}', "Expected `str`, got `int` - at `$.code`"),
        ('{"code": "T-1", "caption": "x", "colour": "red"}', "it has no field $.colour"),
        ('{"code": "ü", "caption": "x"}', "printable ASCII"),
    ],
)
def test_wrong_data_are_refused_in_one_line(tmp_path: Path, data: str, said: str) -> None:
    path = tmp_path / "data.json"
    path.write_text(data, "utf-8")
    result = run("render", "--label", "tote", "--data", path, "-o", tmp_path / "label.png")
    assert result.exit_code == 1
    assert said in result.stderr
    assert result.stderr.startswith("Error: ")
    assert not (tmp_path / "label.png").exists()


def test_unknown_fields_are_found_within_fields(tmp_path: Path) -> None:
    slip = json.loads(json.dumps(asdict(SLIP)))
    slip["lines"][1]["colour"] = "red"
    result = run("render", "--label", "packing-slip", "--data", json_file(tmp_path, slip), "-o", tmp_path / "s.pdf")
    assert "it has no field $.lines[1].colour" in result.stderr
    slip["lines"] = [{"item_code": "A", "name": "a", "quantity": 0}]
    result = run("render", "--label", "packing-slip", "--data", json_file(tmp_path, slip), "-o", tmp_path / "s.pdf")
    assert "0 of A cannot be packed" in result.stderr


def test_arguments_that_do_not_go_together_are_refused(tmp_path: Path) -> None:
    data = json_file(tmp_path, asdict(PARCEL))
    out = tmp_path / "label.png"
    assert "name a ZPL file, or --label KIND" in run("render", "-o", out).stderr
    assert "--data FILE.json is missing" in run("render", "--label", "ship", "-o", out).stderr
    assert "name one of them" in run("render", data, "--label", "ship", "-o", out).stderr
    assert "holds no label" in run("render", data, "-o", out).stderr
    as_pdf = run("render", "--label", "ship", "--data", data, "-o", tmp_path / "label.pdf")
    assert "only carton-content, packing-slip, pick-sheet can be a PDF" in as_pdf.stderr


def test_a_carriers_file_is_looked_through(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.zpl", tmp_path / "bad.zpl"
    good.write_bytes(b"^XA^FO1,1^A0N,20,20^FDx^FS^PQ2^XZ")
    bad.write_bytes(b"^XA^FO1,1^A0N,20,20^FDx^FS\n~JR^XZ")
    assert run("check", good).output == "good.zpl: prints 2 labels and does nothing else\n"
    refused = run("check", bad)
    assert refused.exit_code == 1
    assert "~JR in line 2 restarts the printer" in refused.stderr


def test_a_preview_says_what_stands_on_the_label_from_the_top_down(tmp_path: Path) -> None:
    data = json_file(tmp_path, asdict(PARCEL))
    rows = run("preview", "--label", "ship", "--data", data).output.splitlines()
    assert rows[0] == "FROM  CARTON"
    assert "SW1A 1AA London" in rows
    assert rows[-1] == f"[bars 00{PARCEL.sscc}]"


def test_a_preview_names_pictures_and_other_symbols() -> None:
    zpl = (
        b"^XA^FO10,10^GFA,1,1,1,FF^FS^FO10,60^BQN,2,4^FH_^FDQA,SO_2D1^FS^FO10,160^BXN,6,200^FDT-1^FS"
        b"^FO10,260^B7N,5^FDx\x01y^FS^FO10,360^FDa^FS^FO200,362^FDb^FS^XZ"
    )
    assert text_rows(zpl, 8.0) == ["[picture]", "[QR SO-1]", "[DataMatrix T-1]", "[symbol B7 x y]", "a  b"]


PICTURE = drawn_by_us(ship_label(PARCEL, Dpi.DPI_203)).image.convert("L")


def test_a_picture_in_kittys_way_is_the_label() -> None:
    pieces = re.findall(r"\x1b_G(?:a=T,f=100,)?m=([01]);([^\x1b]*)\x1b\\", kitty(PICTURE))
    assert [more for more, _ in pieces] == ["1"] * (len(pieces) - 1) + ["0"]
    assert all(len(piece) <= 4096 for _, piece in pieces)
    with Image.open(io.BytesIO(base64.b64decode("".join(piece for _, piece in pieces)))) as picture:
        assert picture.tobytes() == PICTURE.tobytes()


def test_a_picture_in_sixels_is_the_label() -> None:
    shown = from_sixel(sixel(PICTURE))
    assert shown.size == PICTURE.size
    assert shown.tobytes() == PICTURE.tobytes()


def from_sixel(text: str) -> Image.Image:
    """A picture as a terminal shows it: colour 0 black, colour 1 white, grey where nothing was painted."""
    found = re.fullmatch(r'\x1bP0;1q"1;1;(\d+);(\d+)#0;2;0;0;0#1;2;100;100;100(.*)\x1b\\', text, re.DOTALL)
    assert found
    width, height = int(found[1]), int(found[2])
    picture = Image.new("L", (width, height), 128)
    for band, bits in enumerate(found[3].split("-")[:-1]):
        for layer in bits.split("$"):
            colour, x = {"#0": 0, "#1": 255}[layer[:2]], 0
            for count, sign in re.findall(r"(?:!(\d+))?([?-~])", layer[2:]):
                for _ in range(int(count or 1)):
                    for row in range(6):
                        if (ord(sign) - 63) >> row & 1 and band * 6 + row < height:
                            picture.putpixel((x, band * 6 + row), colour)
                    x += 1
    return picture


@pytest.mark.parametrize(
    ("environ", "start"),
    [
        ({"TERM": "xterm-kitty"}, "\x1b_G"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, "\x1b_G"),
        ({"TERM": "foot"}, "\x1bP"),
        ({"TERM": "xterm-sixel"}, "\x1bP"),
    ],
)
def test_a_terminal_gets_a_picture_in_the_way_it_knows(environ: dict[str, str], start: str) -> None:
    assert picture_for(PICTURE, environ).startswith(start)


@pytest.mark.parametrize("environ", [{}, {"TERM": "xterm-256color"}, {"TERM": "tmux-256color"}, {"TERM": "linux"}])
def test_a_terminal_that_knows_none_gets_no_picture(environ: dict[str, str]) -> None:
    assert picture_for(PICTURE, environ) == ""
