"""A label format drawn as the printer would print it, dot by dot: the subset of ZPL that the project's labels use.

Known: ^XA ^XZ ^CI ^PW ^LL ^LH ^PO ^PQ ^FX ^FO ^FT ^A0 ^CF ^FB ^FH ^FD ^FR ^FS ^GB ^GFA ^BY ^BC ^BQ ^BX. Whatever else
stands in a label is named among the problems and not drawn. Every label starts from the printer's defaults; what an
earlier label set does not persist here.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, replace

from PIL import Image, ImageChops, ImageDraw, ImageOps

from drivers.emulators import code128
from drivers.emulators.graphic_field import BadGraphic, graphic
from drivers.emulators.matrix_symbols import BadSymbol, data_matrix, qr_code
from drivers.emulators.text_stamp import baseline_dots, missing_signs, text_stamp, text_width_dots, wrapped
from drivers.emulators.zpl_commands import Command, commands_of, unescaped

_DEFAULT_WIDTH_DOTS, _DEFAULT_LENGTH_DOTS = 812, 1218
_MOST_DOTS = 4_000
_MOST_FONT_DOTS = 1_500
_TURNS = {"R": Image.Transpose.ROTATE_270, "I": Image.Transpose.ROTATE_180, "B": Image.Transpose.ROTATE_90}


@dataclass(frozen=True, slots=True)
class LabelPicture:
    """One label as a picture (mode "1", black ink) and, in plain words, what of it could not be drawn."""

    image: Image.Image
    problems: tuple[str, ...]
    dots_per_mm: float

    def png(self) -> bytes:
        """The picture as a PNG file that knows its size in millimetres."""
        written = io.BytesIO()
        dots_per_inch = self.dots_per_mm * 25.4
        self.image.save(written, "PNG", dpi=(dots_per_inch, dots_per_inch))
        return written.getvalue()


def render(zpl: bytes, dots_per_mm: float = 8.0) -> LabelPicture:
    """Draw one format (^XA to ^XZ). Never raises for what the format holds."""
    painter = _Painter()
    for command in commands_of(zpl):
        painter.obey(command)
    return LabelPicture(painter.finished(), tuple(painter.problems), dots_per_mm)


@dataclass(frozen=True, slots=True)
class _Font:
    turn: str = "N"
    height_dots: int = 9
    width_dots: int = 5


@dataclass(frozen=True, slots=True)
class _Stamp:
    """Ink to be put on the label, and the height of its baseline for fields that are placed by it (`^FT`)."""

    ink: Image.Image
    baseline_dots: int
    turn: str = "N"


_Draw = Callable[[bytes], _Stamp]


@dataclass(slots=True)
class _Field:
    """What has been said of the field in hand, up to its `^FS`."""

    x: int = 0
    y: int = 0
    by_baseline: bool = False
    lowered_dots: int = 0
    is_right_aligned: bool = False
    is_reversed: bool = False
    is_white: bool = False
    escape: bytes | None = None
    block: Command | None = None
    data: bytes | None = None
    font: _Font | None = None
    draw_data: _Draw | None = None
    graphic: Image.Image | None = None


class _Painter:
    def __init__(self) -> None:
        self.problems: list[str] = []
        self._size = (_DEFAULT_WIDTH_DOTS, _DEFAULT_LENGTH_DOTS)
        self._home = (0, 0)
        self._is_inverted = False
        self._encoding = "cp850"
        self._font = _Font()
        self._module_dots = 2
        self._bar_height_dots = 10
        self._field = _Field()
        self._fields: list[tuple[_Field, _Stamp]] = []

    def obey(self, command: Command) -> None:
        match command.name:
            case "XA" | "XZ" | "PQ" | "FX":
                pass
            case "CI":
                self._encoding = "utf-8" if command.number(0, 0) == 28 else "cp850"
            case "PW":
                self._size = (command.number(0, _DEFAULT_WIDTH_DOTS, 1, _MOST_DOTS), self._size[1])
            case "LL":
                self._size = (self._size[0], command.number(0, _DEFAULT_LENGTH_DOTS, 1, _MOST_DOTS))
            case "LH":
                self._home = (command.number(0, 0), command.number(1, 0))
            case "PO":
                self._is_inverted = command.letter(0, "N") == "I"
            case "CF":
                self._font = self._font_of(command, self._font)
            case "BY":
                self._module_dots = command.number(0, self._module_dots, 1, 100)
                self._bar_height_dots = command.number(2, self._bar_height_dots, 1, _MOST_DOTS)
            case _:
                self._obey_in_field(command)

    def _obey_in_field(self, command: Command) -> None:
        match command.name:
            case "FO" | "FT":
                self._field.x = self._home[0] + command.number(0, 0)
                self._field.y = self._home[1] + command.number(1, 0)
                self._field.by_baseline = command.name == "FT"
                self._field.is_right_aligned = command.number(2, 0) == 1
            case "A":
                self._field.font = self._font_of(command, self._font)
            case "FB":
                self._field.block = command
            case "FH":
                self._field.escape = command.content[:1] or b"_"
            case "FR":
                self._field.is_reversed = True
            case "FD":
                self._field.data = command.content
            case "FS":
                self._finish_field()
            case "GB":
                self._field.graphic = _box(command)
                self._field.is_white = command.letter(3, "B") == "W"
            case "GF":
                self._take_graphic(command)
            case _:
                self._take_symbol(command)

    def _take_symbol(self, command: Command) -> None:
        turn = command.letter(0, "N")
        match command.name:
            case "BC":
                bars = command.number(1, self._bar_height_dots, 1, _MOST_DOTS)
                with_text, above = command.letter(2, "Y") == "Y", command.letter(3, "N") == "Y"
                mode = command.letter(5, "N")
                module_dots = self._module_dots
                self._field.draw_data = lambda data: self._code_128(
                    data, mode, module_dots, bars, with_text, above, turn
                )
            case "BQ":
                size_dots = command.number(2, 3, 1, 100)
                # A printer puts a QR code below its ^FO by the bar height that ^BY set last (10 at first).
                self._field.lowered_dots = self._bar_height_dots
                self._field.draw_data = lambda data: _symbol_stamp(qr_code(data, size_dots), "N")
            case "BX":
                size_dots = command.number(1, self._module_dots, 1, 100)
                escape = (command.texts()[6:7] or ["_"])[0] or "_"
                if command.number(2, 0) != 200:
                    self.problems.append("^BX of another quality than 200 is not known")
                    return
                self._field.draw_data = lambda data: _symbol_stamp(data_matrix(data, size_dots, escape.encode()), turn)
            case _:
                self.problems.append(f"the command ^{command.name} is not known")

    def _take_graphic(self, command: Command) -> None:
        try:
            self._field.graphic = graphic(command.content)
        except BadGraphic as fault:
            self.problems.append(str(fault))

    def _font_of(self, command: Command, otherwise: _Font) -> _Font:
        texts = command.texts()
        if texts[0][:1] != "0":
            self.problems.append(f"the font {texts[0][:1]!r} is not known and font 0 stands in for it")
        height = command.number(1, otherwise.height_dots, 1, _MOST_FONT_DOTS)
        width = command.number(2, 0, 0, _MOST_FONT_DOTS)
        return _Font((texts[0][1:2] or "N").upper(), height, width)

    def _finish_field(self) -> None:
        done, self._field = self._field, _Field()
        try:
            stamp = self._stamp_of(done)
        except (BadSymbol, code128.BadCode128) as fault:
            self.problems.append(str(fault))
            return
        if stamp is not None:
            self._fields.append((done, stamp))

    def _stamp_of(self, done: _Field) -> _Stamp | None:
        if done.graphic is not None:
            return _Stamp(done.graphic, done.graphic.height)
        if done.data is None:
            return None
        data = unescaped(done.data, done.escape)
        if done.draw_data is not None:
            return done.draw_data(data)
        text = self._decoded(data)
        if missing := missing_signs(text):
            self.problems.append(f"the picture's font has no sign for {missing!r}")
        font = done.font or self._font
        return _line(text, font) if done.block is None else _block(text, font, done.block)

    def _decoded(self, data: bytes) -> str:
        try:
            return data.decode(self._encoding)
        except UnicodeDecodeError:
            self.problems.append(f"the text {data!r} is not in the encoding that ^CI names")
            return data.decode(self._encoding, "replace")

    def _code_128(
        self, data: bytes, mode: str, module_dots: int, bars_dots: int, with_text: bool, above: bool, turn: str
    ) -> _Stamp:
        if mode not in "NDA":
            raise code128.BadCode128(f"the mode {mode} of ^BC is not known, only N, D and A")
        text = self._decoded(data)
        row = code128.modules(code128.symbol_values(text, mode))
        bars = Image.new("1", (len(row), 1))
        bars.putdata([255 if bar else 0 for bar in row])
        bars = bars.resize((len(row) * module_dots, bars_dots), Image.Resampling.NEAREST)
        if not with_text:
            return _Stamp(bars, bars_dots, turn)
        line_dots = max(18, 9 * module_dots)
        line = ImageOps.expand(text_stamp(code128.readable_text(text), line_dots, 0), (0, line_dots // 5, 0, 0))
        ink = Image.new("1", (max(bars.width, line.width), bars.height + line.height))
        ink.paste(bars, (0, line.height if above else 0))
        ink.paste(line, (max(0, (bars.width - line.width) // 2), 0 if above else bars.height))
        return _Stamp(ink, bars_dots + (line.height if above else 0), turn)

    def finished(self) -> Image.Image:
        """The label with every field on it, in the order in which they came."""
        label = Image.new("1", self._size, 255)
        for placed, stamp in self._fields:
            _put(label, placed, stamp)
        return label.transpose(Image.Transpose.ROTATE_180) if self._is_inverted else label


def _symbol_stamp(ink: Image.Image, turn: str) -> _Stamp:
    return _Stamp(ink, ink.height, turn)


def _line(text: str, font: _Font) -> _Stamp:
    ink = text_stamp(text, font.height_dots, font.width_dots)
    return _Stamp(ink, baseline_dots(font.height_dots), font.turn)


def _block(text: str, font: _Font, block: Command) -> _Stamp:
    width, most_lines = block.number(0, 0, 1, _MOST_DOTS), block.number(1, 1, 1, 999)
    pitch = max(1, font.height_dots + block.number(2, 0, -999, 999))
    align, indent = block.letter(3, "L"), block.number(4, 0, 0, _MOST_DOTS)
    # What does not fit is cut, as the printer does without a word.
    lines = wrapped(text, width, font.height_dots, font.width_dots)[:most_lines]
    ink = Image.new("1", (width, pitch * (most_lines - 1) + round(font.height_dots * 1.1) + 1))
    for place, line in enumerate(lines):
        room = width - text_width_dots(line, font.height_dots, font.width_dots)
        left = {"C": room // 2, "R": room}.get(align, indent if place else 0)
        drawn = text_stamp(line, font.height_dots, font.width_dots)
        ink.paste(255, (left, pitch * place), drawn)
    return _Stamp(ink, pitch * (most_lines - 1) + baseline_dots(font.height_dots), font.turn)


def _box(command: Command) -> Image.Image:
    thickness = command.number(2, 1, 1, _MOST_DOTS)
    width = max(thickness, command.number(0, thickness, 1, _MOST_DOTS))
    height = max(thickness, command.number(1, thickness, 1, _MOST_DOTS))
    rounding = command.number(4, 0, 0, 8)
    ink = Image.new("1", (width, height))
    radius = rounding * min(width, height) / 16
    ImageDraw.Draw(ink).rounded_rectangle((0, 0, width - 1, height - 1), radius, outline=255, width=thickness)
    return ink


def _put(label: Image.Image, placed: _Field, stamp: _Stamp) -> None:
    width, height, base = stamp.ink.width, stamp.ink.height, stamp.baseline_dots
    turned = stamp if stamp.turn not in _TURNS else replace(stamp, ink=stamp.ink.transpose(_TURNS[stamp.turn]))
    anchors = {"R": (height - base, 0), "I": (width, height - base), "B": (base, width)}
    anchor_x, anchor_y = anchors.get(stamp.turn, (0, base)) if placed.by_baseline else (0, -placed.lowered_dots)
    if placed.is_right_aligned:
        anchor_x = turned.ink.width
    corner = (placed.x - anchor_x, placed.y - anchor_y)
    if placed.is_reversed:
        area = (*corner, corner[0] + turned.ink.width, corner[1] + turned.ink.height)
        label.paste(ImageChops.logical_xor(label.crop(area), turned.ink), corner)
        return
    label.paste(255 if placed.is_white else 0, corner, turned.ink)
