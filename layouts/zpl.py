"""The one safe ZPL label builder, and the only module that touches zpl2.

Nothing a customer, a shop or a scanner typed can leave its field: every field goes through `_SafeZpl2._field_data`,
which writes it as `^FH_` hex escapes. Sizes are millimetres from the label's upper left corner. Text is measured before
it is written; what was shortened or could not be drawn is told in `LabelBuilder.shortfalls`, not lost in silence.
`^FB` is not used: printers cut what does not fit in it without a word and read `\\&` as a line end.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from math import floor

from zpl2 import Zpl2

from layouts import font_0, pictures
from layouts.code128 import Symbol, gs1_128
from layouts.fitting import LONGEST_LINE, Fitted, fit_line, wrap
from layouts.gs1 import Element, element_string
from layouts.pictures import Bitmap
from layouts.printable import STAND_IN, clean_line, clean_lines, within_font_0

_NOT_PLAIN = re.compile(rb"[^A-Za-z0-9 .,:;()/+'#&*=!?%@<>|\"\[\]{}-]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LINE_PITCH = 1.15
_SHRINK = 0.9
_LEAST_HEIGHT_DOTS = 10
_QR_SHIFT_DOTS = 10
_MODULES_OF_QUIET_ZONE = 10
_WIDEST_MODULE_MM = 0.5
_NARROWEST_MODULE_MM = 0.25
_ESCAPES_OF_DATAMATRIX = "|@#$`{}"


class Dpi(IntEnum):
    """Resolutions of label printers, by the name on their box."""

    DPI_203 = 203
    DPI_300 = 300

    @property
    def dots_per_mm(self) -> float:
        """8 for 203 dpi (really 203.2) and 11.81 for 300 dpi."""
        return 8.0 if self is Dpi.DPI_203 else 300 / 25.4

    def dots(self, length_mm: float) -> int:
        """The whole number of dots nearest to `length_mm`."""
        return round(length_mm * self.dots_per_mm)


@dataclass(frozen=True)
class Shortfall:
    """A field that could not be printed as it was asked for: shortened with `...`, or drawn as code points."""

    field: str
    asked: str
    printed: str
    is_undrawable: bool = False
    """Some of its letters are in no font here: code points stand for them, and no carrier can read those."""


class _SafeZpl2(Zpl2):  # type: ignore[misc]  # zpl2 brings no types
    """zpl2, with every field escaped and without what it lacks."""

    def _field_data(self, data: str) -> str:
        """Overrides zpl2's only way to write data, so that no field can be written unescaped."""
        return f"^FH_^FD{_escaped(data)}^FS"

    def command(self, command: str) -> None:
        """A command that zpl2 does not have; it holds no caller's data."""
        self._write_command(command)

    def field(self, x_dots: int, y_dots: int, command: str, data: str) -> None:
        """A field whose format command zpl2 does not have."""
        self._write_command(f"^FO{x_dots},{y_dots}{command}{self._field_data(data)}")


class LabelBuilder:
    """One label, element by element; `job()` gives the bytes for the printer.

    Sizes in millimetres. Raises ValueError when the label has no size, or `copies` is not 1 or more.
    """

    def __init__(self, width_mm: float, height_mm: float, dpi: Dpi, copies: int = 1) -> None:
        if width_mm <= 0 or height_mm <= 0 or copies < 1:
            raise ValueError(f"no label of {width_mm} x {height_mm} mm, {copies} times; all have to be above zero")
        self._dpi = dpi
        self._width_dots, self._height_dots = floor(width_mm * dpi.dots_per_mm), floor(height_mm * dpi.dots_per_mm)
        self._copies = copies
        self._zpl = _SafeZpl2()
        self._zpl.label_start()
        self._zpl.label_encoding()
        self._zpl.print_width(self._width_dots)
        self._zpl.command(f"^LL{self._height_dots}")
        self._zpl.label_home(0, 0)
        self._zpl.command("^PON")
        self._elements = 0
        self._shortfalls: list[Shortfall] = []

    @property
    def shortfalls(self) -> tuple[Shortfall, ...]:
        """What could not be printed as asked, in the order in which it was added."""
        return tuple(self._shortfalls)

    def job(self) -> bytes:
        """The whole job, ASCII only. Raises ValueError for a label with nothing on it."""
        if not self._elements:
            raise ValueError("this label is empty: it would waste a label and tell nobody why")
        end = _SafeZpl2()
        end.command(f"^PQ{self._copies},0,1,Y")
        end.label_end()
        job: bytes = self._zpl.output() + b"\n" + end.output()
        return job

    def module_mm(self, least_mm: float) -> float:
        """The width that a module of at least `least_mm` really gets: a whole number of dots."""
        return self._module_dots(least_mm) / self._dpi.dots_per_mm

    def text(
        self,
        x_mm: float,
        y_mm: float,
        text: str,
        *,
        field: str,
        height_mm: float,
        width_mm: float,
        least_height_mm: float | None = None,
    ) -> None:
        """One line, made smaller down to `least_height_mm` to fit `width_mm`, then shortened with `...`.

        `field` names the line in `shortfalls`. Text with nothing to print adds nothing.
        """
        asked = clean_line(text)
        line = pictures.with_stand_ins(asked) if asked else ""
        if not line:
            return
        width_dots, height_dots = self._dpi.dots(width_mm), self._text_dots(height_mm)
        least_dots = self._text_dots(least_height_mm or height_mm)
        needed = _width_dots(line[:LONGEST_LINE], height_dots)
        if needed > width_dots:
            height_dots = max(least_dots, floor(height_dots * width_dots / needed))
        fitted = fit_line(line, width_dots, lambda part: _width_dots(part, height_dots))
        self._write_line(self._dpi.dots(x_mm), self._dpi.dots(y_mm), fitted.lines[0], height_dots)
        self._note(field, asked, line, fitted)

    def block(
        self,
        x_mm: float,
        y_mm: float,
        text: str,
        *,
        field: str,
        height_mm: float,
        width_mm: float,
        area_mm: float,
        least_height_mm: float | None = None,
    ) -> None:
        """Lines wrapped to `width_mm` within `area_mm` downwards, made smaller to fit, then shortened with `...`.

        Line ends in `text` are kept. `field` names the block in `shortfalls`.
        """
        asked = clean_lines(text)
        if not asked:
            return
        lines = [pictures.with_stand_ins(line) for line in asked]
        width_dots, area_dots = self._dpi.dots(width_mm), self._dpi.dots(area_mm)
        height_dots, least_dots = self._text_dots(height_mm), self._text_dots(least_height_mm or height_mm)
        fitted = _wrapped(lines, width_dots, area_dots, height_dots)
        while not fitted.whole and height_dots > least_dots:
            height_dots = max(least_dots, floor(height_dots * _SHRINK))
            fitted = _wrapped(lines, width_dots, area_dots, height_dots)
        for number, line in enumerate(fitted.lines):
            y_dots = self._dpi.dots(y_mm) + round(number * height_dots * _LINE_PITCH)
            self._write_line(self._dpi.dots(x_mm), y_dots, line, height_dots)
        self._note(field, "\n".join(asked), "\n".join(lines), fitted)

    def box(self, x_mm: float, y_mm: float, *, width_mm: float, height_mm: float, thickness_mm: float = 0.3) -> None:
        """A rectangle; a width or height of 0 makes a line."""
        thickness_dots = max(1, self._dpi.dots(thickness_mm))
        size = {
            "width": max(thickness_dots, self._dpi.dots(width_mm)),
            "height": max(thickness_dots, self._dpi.dots(height_mm)),
        }
        form = {**size, "thickness": thickness_dots, "color": "B", "rounding": 0}
        self._zpl.graphic_box(self._dpi.dots(x_mm), self._dpi.dots(y_mm), form)
        self._elements += 1

    def gs1_128(
        self, x_mm: float, y_mm: float, elements: Sequence[Element], *, height_mm: float, module_mm: float
    ) -> None:
        """GS1-128 without a text line, its first bar at `x_mm`, modules at least `module_mm` wide.

        Raises ValueError when bars and quiet zones do not fit on the label, or for more than 48 characters.
        """
        module_dots = self._module_dots(module_mm)
        symbol = gs1_128(elements)
        self._require_room_for_bars(x_mm, symbol, module_dots)
        self._bars(x_mm, y_mm, symbol.field_data, height_mm, module_dots, mode="N")

    def code_128(self, x_mm: float, y_mm: float, data: str, *, height_mm: float, width_mm: float) -> None:
        """Code 128 in `width_mm`, quiet zones included, no text line; the printer chooses the subsets (mode A).

        Modules are as wide as fits, at most 0.5 mm. Raises ValueError for data that is empty, not printable ASCII or
        holds `>`, by which ZPL switches subsets, and for modules that would be under 0.25 mm.
        """
        if not data or not data.isascii() or not data.isprintable() or ">" in data:
            raise ValueError(f"{data!r} cannot be a Code 128 here: printable ASCII without '>' is needed")
        modules_without_subset_c = (len(data) + 2) * 11 + 13 + 2 * _MODULES_OF_QUIET_ZONE
        module_dots = min(self._dpi.dots(_WIDEST_MODULE_MM), self._dpi.dots(width_mm) // modules_without_subset_c)
        if module_dots < self._module_dots(_NARROWEST_MODULE_MM):
            raise ValueError(f"{data!r} is too long for a Code 128 {width_mm} mm wide: it would not scan; shorten it")
        quiet_mm = _MODULES_OF_QUIET_ZONE * module_dots / self._dpi.dots_per_mm
        self._bars(x_mm + quiet_mm, y_mm, data, height_mm, module_dots, mode="A")

    def qr(self, x_mm: float, y_mm: float, data: str, *, module_mm: float) -> None:
        """A QR code, error correction Q. Raises ValueError for data that is empty or holds control characters."""
        _require_plain(data, "QR code")
        form = {
            "module_width": 1,
            "bar_width_ratio": "2.0",
            "orientation": "N",
            "model": 2,
            "magnification_factor": min(10, self._module_dots(module_mm)),
            "error_correction": "Q",
            "mask_value": 7,
        }
        # Printers put a QR code lower by the height that ^BY holds, 10 dots unless somebody changed it.
        self._zpl.command(f"^BY1,2.0,{_QR_SHIFT_DOTS}")
        y_dots = max(0, self._dpi.dots(y_mm) - _QR_SHIFT_DOTS)
        self._zpl.barcode_data(self._dpi.dots(x_mm), y_dots, "qr_code", form, f"QA,{data}")
        self._elements += 1

    def datamatrix(self, x_mm: float, y_mm: float, data: str | Sequence[Element], *, module_mm: float) -> None:
        """A square DataMatrix (ECC 200) of plain text, or a GS1 DataMatrix of elements.

        Raises ValueError for text that is empty, not ASCII or holds control characters.
        """
        text = data if isinstance(data, str) else element_string(data, "")
        _require_plain(text, "DataMatrix")
        escape = next((mark for mark in _ESCAPES_OF_DATAMATRIX if mark not in text), None)
        if escape is None or not text.isascii():
            raise ValueError(f"{text!r} cannot be a DataMatrix here: ASCII is needed, without all of |@#$`{{}} at once")
        fnc1 = f"{escape}1"
        written = text if isinstance(data, str) else fnc1 + element_string(data, fnc1)
        command = f"^BXN,{self._module_dots(module_mm)},200,,,6,{escape},1"
        self._zpl.field(self._dpi.dots(x_mm), self._dpi.dots(y_mm), command, written)
        self._elements += 1

    def picture(self, x_mm: float, y_mm: float, bitmap: Bitmap) -> None:
        """A picture, dot by dot, its upper left corner at the place given."""
        self._picture(self._dpi.dots(x_mm), self._dpi.dots(y_mm), bitmap)

    def _text_dots(self, height_mm: float) -> int:
        return max(_LEAST_HEIGHT_DOTS, self._dpi.dots(height_mm))

    def _module_dots(self, module_mm: float) -> int:
        """The least whole number of dots that is at least `module_mm` wide."""
        return max(1, -floor(-module_mm * self._dpi.dots_per_mm + 1e-9))

    def _require_room_for_bars(self, x_mm: float, symbol: Symbol, module_dots: int) -> None:
        quiet_dots = _MODULES_OF_QUIET_ZONE * module_dots
        left_dots = self._dpi.dots(x_mm)
        right_dots = left_dots + symbol.width_modules * module_dots
        if left_dots < quiet_dots or right_dots + quiet_dots > self._width_dots:
            raise ValueError(
                f"bars from dot {left_dots} to {right_dots} with quiet zones of {quiet_dots} do not fit on a label of "
                f"{self._width_dots} dots and would not scan; move them or make the modules smaller"
            )

    def _bars(self, x_mm: float, y_mm: float, data: str, height_mm: float, module_dots: int, mode: str) -> None:
        form = {
            "module_width": module_dots,
            "bar_width_ratio": "3.0",
            "orientation": "N",
            "height": self._dpi.dots(height_mm),
            "interpretation_line": "N",
            "interpretation_line_above": "N",
            "check_digits": "N",
            "mode": mode,
        }
        self._zpl.barcode_data(self._dpi.dots(x_mm), self._dpi.dots(y_mm), "code_128", form, data)
        self._elements += 1

    def _write_line(self, x_dots: int, y_dots: int, line: str, height_dots: int) -> None:
        if not within_font_0(line):
            self._picture(x_dots, y_dots, pictures.picture_of(line, height_dots))
            return
        form = {"font": "0", "orientation": "N", "height": height_dots, "width": height_dots}
        self._zpl.font_data(x_dots, y_dots, form, line)
        self._elements += 1

    def _picture(self, x_dots: int, y_dots: int, bitmap: Bitmap) -> None:
        total = len(bitmap.rows)
        data = bitmap.rows.hex().upper()
        self._zpl.command(f"^FO{x_dots},{y_dots}^GFA,{total},{total},{bitmap.bytes_per_row},{data}^FS")
        self._elements += 1

    def _note(self, field: str, asked: str, drawn: str, fitted: Fitted) -> None:
        if not fitted.whole or drawn != asked:
            is_undrawable = drawn.count(STAND_IN) > asked.count(STAND_IN)
            self._shortfalls.append(Shortfall(field, asked, "\n".join(fitted.lines), is_undrawable))


def _escaped(data: str) -> str:
    """`data` for `^FD` after `^FH_`: all but harmless ASCII as hex of its UTF-8 bytes, control characters left out."""
    plain = _CONTROL.sub("", data).encode("utf-8", "ignore")
    return _NOT_PLAIN.sub(lambda byte: b"_%02X" % byte[0][0], plain).decode("ascii")


def _require_plain(data: str, kind: str) -> None:
    if not data or _CONTROL.search(data):
        raise ValueError(f"{data!r} cannot be a {kind}: it is empty or holds control characters")


def _width_dots(line: str, height_dots: int) -> float:
    face_width_dots = font_0.width_dots if within_font_0(line) else pictures.width_dots
    return face_width_dots(line, height_dots)


def _wrapped(lines: Sequence[str], width_dots: int, area_dots: int, height_dots: int) -> Fitted:
    most_lines = max(1, floor(area_dots / (height_dots * _LINE_PITCH)))
    return wrap(lines, width_dots, most_lines, lambda part: _width_dots(part, height_dots))
