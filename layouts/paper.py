"""A4 pages as PDF, in millimetres from the upper left corner. The only module that touches reportlab.

Text is set in Bitstream Vera, which reportlab brings, or else in the DejaVu Sans Mono inside python-barcode (Greek,
Cyrillic); both are embedded. A line that neither holds, or that is written from right to left, is a picture, drawn as
on labels: nothing is guessed, and what no font can draw is printed as its code points. The same pages are always the
same bytes, as long as the fonts at hand are the same.
"""

import io
import unicodedata
from functools import lru_cache
from importlib.resources import files
from itertools import groupby
from pathlib import Path

import reportlab
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from layouts import pictures
from layouts.fitting import Fitted, fit_line, wrap
from layouts.printable import STAND_IN, clean_line
from layouts.zpl import Shortfall

WIDTH_MM = 210.0
HEIGHT_MM = 297.0

BASELINE = 0.78
"""How far below the top of a line its baseline stands, in parts of the line."""
LETTERS_OF_LINE = 0.8
"""The size of the letters in parts of the line."""

_POINTS_PER_MM = 72 / 25.4
_DOTS_PER_MM = 300 / 25.4
_LINE_PITCH = 1.2
_FACES = ("Vera", "DejaVuSansMono")


class Paper:
    """A PDF in the making. Sizes in millimetres, `size_mm` is the height of a line of text."""

    def __init__(self, title: str) -> None:
        self._written = io.BytesIO()
        self._canvas = Canvas(self._written, pagesize=(_points(WIDTH_MM), _points(HEIGHT_MM)), invariant=1)
        self._canvas.setTitle(clean_line(title))
        self._canvas.setCreator("Floorhand")
        self._shortfalls: list[Shortfall] = []

    @property
    def shortfalls(self) -> tuple[Shortfall, ...]:
        """What could not be printed as asked, in the order in which it was added."""
        return tuple(self._shortfalls)

    def end_page(self) -> None:
        """What comes next stands on a new page."""
        self._canvas.showPage()

    def pdf(self) -> bytes:
        """The file; every page has been ended."""
        self._canvas.save()
        return self._written.getvalue()

    def text(self, x_mm: float, y_mm: float, text: str, *, field: str, size_mm: float, width_mm: float) -> None:
        """One line, its top at `y_mm`, shortened with `...` when it is wider than `width_mm`."""
        self.block(x_mm, y_mm, text, field=field, size_mm=size_mm, width_mm=width_mm, most_lines=1)

    def block(
        self, x_mm: float, y_mm: float, text: str, *, field: str, size_mm: float, width_mm: float, most_lines: int
    ) -> None:
        """Text wrapped to `width_mm`, shortened with `...` after `most_lines`; `field` names it in `shortfalls`."""
        asked = clean_line(text)
        if not asked:
            return
        drawn, fitted = _fitted(asked, size_mm, width_mm, most_lines)
        for number, line in enumerate(fitted.lines):
            self._line(x_mm, y_mm + number * size_mm * _LINE_PITCH, line, size_mm)
        if not fitted.whole or drawn != asked:
            is_undrawable = drawn.count(STAND_IN) > asked.count(STAND_IN)
            self._shortfalls.append(Shortfall(field, asked, "\n".join(fitted.lines), is_undrawable))

    def bars(self, x_mm: float, y_mm: float, modules: str, *, module_mm: float, height_mm: float) -> None:
        """A row of modules, 1 black and 0 white, the first at `x_mm`; the caller leaves the quiet zones free."""
        bars = self._canvas.beginPath()
        for black, run in groupby(modules):
            width_mm = len(list(run)) * module_mm
            if black == "1":
                bottom = _points(HEIGHT_MM - y_mm - height_mm)
                bars.rect(_points(x_mm), bottom, _points(width_mm), _points(height_mm))
            x_mm += width_mm
        self._canvas.drawPath(bars, stroke=0, fill=1)

    def rule(self, x_mm: float, y_mm: float, *, width_mm: float) -> None:
        """A thin line."""
        height = _points(HEIGHT_MM - y_mm)
        self._canvas.setLineWidth(_points(0.2))
        self._canvas.line(_points(x_mm), height, _points(x_mm + width_mm), height)

    def cutting_line(self, x_mm: float, y_mm: float, *, width_mm: float, height_mm: float) -> None:
        """A dashed grey rectangle, along which cards are cut apart."""
        self._canvas.saveState()
        self._canvas.setStrokeGray(0.6)
        self._canvas.setLineWidth(_points(0.15))
        self._canvas.setDash(_points(2), _points(2))
        self._canvas.rect(
            _points(x_mm), _points(HEIGHT_MM - y_mm - height_mm), _points(width_mm), _points(height_mm), fill=0
        )
        self._canvas.restoreState()

    def _line(self, x_mm: float, y_mm: float, line: str, size_mm: float) -> None:
        face = _face_of(line)
        if face is None:
            self._picture(x_mm, y_mm, line, size_mm)
            return
        self._canvas.setFont(face, _size_points(size_mm))
        self._canvas.drawString(_points(x_mm), _points(HEIGHT_MM - y_mm - size_mm * BASELINE), line)

    def _picture(self, x_mm: float, y_mm: float, line: str, size_mm: float) -> None:
        bitmap = pictures.picture_of(line, round(size_mm * _DOTS_PER_MM))
        size = (bitmap.width_dots, bitmap.height_dots)
        ink = Image.frombytes("1", size, bitmap.rows).point(lambda dot: 255 - dot)
        width_mm, height_mm = (dots / _DOTS_PER_MM for dots in size)
        left, bottom = _points(x_mm), _points(HEIGHT_MM - y_mm - height_mm)
        self._canvas.drawImage(ImageReader(ink.convert("L")), left, bottom, _points(width_mm), _points(height_mm))


def _points(length_mm: float) -> float:
    return length_mm * _POINTS_PER_MM


def _size_points(size_mm: float) -> float:
    return _points(size_mm) * LETTERS_OF_LINE


def _fitted(line: str, size_mm: float, width_mm: float, most_lines: int) -> tuple[str, Fitted]:
    """The line as it can be drawn, and what of it fits."""

    def measure(part: str) -> float:
        face = _face_of(part)
        if face is None:
            return pictures.width_dots(part, round(size_mm * _DOTS_PER_MM)) / _DOTS_PER_MM * _POINTS_PER_MM
        width: float = pdfmetrics.stringWidth(part, face, _size_points(size_mm))
        return width

    drawn = line if _face_of(line) else pictures.with_stand_ins(line)
    if most_lines == 1:
        return drawn, fit_line(drawn, _points(width_mm), measure)
    return drawn, wrap([drawn], _points(width_mm), most_lines, measure)


def _face_of(line: str) -> str | None:
    """The first face that holds every character and can set it as it stands, None when the line has to be drawn."""
    if any(unicodedata.bidirectional(sign) in ("R", "AL", "AN") or unicodedata.combining(sign) for sign in line):
        return None
    return next((face for face, signs in _signs_of_faces().items() if signs.issuperset(map(ord, line))), None)


@lru_cache(maxsize=1)
def _signs_of_faces() -> dict[str, frozenset[int]]:
    """Registers the faces with reportlab and says which code points each of them holds."""
    paths = (
        Path(reportlab.__file__).with_name("fonts") / "Vera.ttf",
        Path(str(files("barcode"))) / "fonts" / "DejaVuSansMono.ttf",
    )
    signs = {}
    for face, path in zip(_FACES, paths, strict=True):
        font = TTFont(face, str(path))
        pdfmetrics.registerFont(font)
        signs[face] = frozenset(font.face.charToGlyph)
    return signs
