"""ZPL as pictures, drawn by an implementation that is not ours (npm zpl-renderer-js), and the barcodes read back.

One node process for each test process, started by the first label and used for all. A picture takes about half a
second: render what proves something.
"""

import atexit
import base64
import io
import json
import re
import select
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image

_FOLDER = Path(__file__).parent / "layouts" / "render"
_DOTS_PER_MM = {203: 8, 300: 12}
_PATIENCE_S = 120


@dataclass(frozen=True)
class Decoded:
    """A barcode in a picture: its text (GS1 with parentheses), its symbology identifier (`]C1`) and where it stands."""

    text: str
    symbology: str
    left: int
    top: int
    right: int
    bottom: int


def render(zpl: bytes, dpi: int = 203) -> list[Image.Image]:
    """A picture for each label in `zpl`, black on white, one pixel a dot, of the size that `^PW` and `^LL` set.

    A job that sets no size is taken for 4 x 6 inches. Raises ValueError when the renderer refuses the ZPL.
    """
    dots_per_mm = _DOTS_PER_MM[dpi]
    width_dots = _set_by(b"PW", zpl) or round(101.6 * dots_per_mm)
    height_dots = _set_by(b"LL", zpl) or round(152.4 * dots_per_mm)
    request = {
        "zpl": zpl.decode("utf-8"),
        "widthMm": width_dots / dots_per_mm,
        "heightMm": height_dots / dots_per_mm,
        "dotsPerMm": dots_per_mm,
    }
    answer = _ask(request)
    if "error" in answer:
        raise ValueError(f"the renderer refused the label: {answer['error']}")
    return [Image.open(io.BytesIO(base64.b64decode(png))).convert("L") for png in answer["pngs"]]


def decode(picture: Image.Image) -> list[Decoded]:
    """Every barcode that zxing-cpp reads in `picture`, from the top down."""
    found = []
    for barcode in zxingcpp.read_barcodes(picture):
        corners = barcode.position
        points = (corners.top_left, corners.top_right, corners.bottom_left, corners.bottom_right)
        across, down = [point.x for point in points], [point.y for point in points]
        box = (min(across), min(down), max(across), max(down))
        found.append(Decoded(barcode.text, barcode.symbology_identifier, *box))
    return sorted(found, key=lambda barcode: barcode.top)


def _set_by(command: bytes, zpl: bytes) -> int | None:
    found = re.search(rb"\^" + command + rb"(\d+)", zpl)
    return int(found[1]) if found else None


def _ask(request: dict[str, Any]) -> dict[str, Any]:
    process = _renderer()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(request) + "\n")
    process.stdin.flush()
    answering, _, _ = select.select([process.stdout], [], [], _PATIENCE_S)
    line = process.stdout.readline() if answering else ""
    if not line:
        pytest.fail(
            "the label renderer ended or hangs: run render.mjs in tests/layouts/render by hand to see why",
            pytrace=False,
        )
    answer: dict[str, Any] = json.loads(line)
    return answer


@lru_cache(maxsize=1)
def _renderer() -> subprocess.Popen[str]:
    if not (_FOLDER / "node_modules" / "zpl-renderer-js").is_dir():
        pytest.fail(
            "the label renderer is not installed: run `npm ci` in tests/layouts/render (scripts/test does)",
            pytrace=False,
        )
    process = subprocess.Popen(
        ["node", "render.mjs"], cwd=_FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    atexit.register(_end, process)
    return process


def _end(process: subprocess.Popen[str]) -> None:
    """End of input ends the renderer; whoever is still waiting for it after a while ends it the hard way."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
