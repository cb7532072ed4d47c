"""A site's own format of a label, as a TOML file: which field of the label's dataclass stands where, in millimetres.

It is drawn by the same builder as the labels that ship, so nothing in a field can leave it. A format is refused, with
what is wrong and where, before any label is printed from it: unknown fields, things beside the label, and missing what
the label is nothing without, such as the SSCC of a ship label in bars that scan.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
from PIL import Image as Pictures

from layouts.format_elements import Block, Box, Code128, DataMatrix, Element, Gs1128, Image, Line, Qr, Size, Text
from layouts.gs1 import Element as Gs1Element
from layouts.labels.kinds import LABELS, LabelKind, RequiredBars
from layouts.pictures import Bitmap
from layouts.zpl import Dpi, LabelBuilder

_ANY_SSCC = "0" * 18
_SSCC_MODULES = 156
_LEAST_MATRIX_MODULES = 10


class FormatError(ValueError):
    """The file is no format that labels can be printed from. The text says what, where and what to do."""


class _Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    label: str
    name: str
    width_mm: Size
    height_mm: Size
    element: list[dict[str, Any]]


@dataclass(frozen=True)
class LabelFormat:
    """A format that may be printed from; `pictures` are its image files by name."""

    name: str
    kind: LabelKind
    width_mm: float
    height_mm: float
    elements: tuple[Element, ...]
    pictures: dict[str, Pictures.Image]

    def lay_out(self, value: object, dpi: Dpi) -> LabelBuilder:
        """The label of `value`, which is of the dataclass `kind.fields`. Raises ValueError when its bars do not fit."""
        if not isinstance(value, self.kind.fields):
            raise TypeError(f"{self.name} is a format of {self.kind.fields.__name__}, not of {type(value).__name__}")
        builder = LabelBuilder(self.width_mm, self.height_mm, dpi)
        for element in self.elements:
            self._draw(builder, element, value, dpi)
        return builder

    def _draw(self, builder: LabelBuilder, element: Element, value: object, dpi: Dpi) -> None:
        place = (element.x_mm, element.y_mm)
        match element:
            case Text() | Block():
                _write(builder, element, element.words or _words(value, element.field))
            case Code128():
                data = _words(value, element.field)
                builder.code_128(*place, data, height_mm=element.height_mm, width_mm=element.width_mm)
            case Gs1128():
                gs1 = [Gs1Element(element.ai, _words(value, element.field))]
                builder.gs1_128(*place, gs1, height_mm=element.height_mm, module_mm=element.module_mm)
            case Qr():
                builder.qr(*place, _words(value, element.field), module_mm=element.module_mm)
            case DataMatrix():
                builder.datamatrix(*place, _words(value, element.field), module_mm=element.module_mm)
            case Box():
                size = {"width_mm": element.width_mm, "height_mm": element.height_mm}
                builder.box(*place, **size, thickness_mm=element.thickness_mm)
            case Line():
                across = element.length_mm if element.direction == "across" else 0.0
                down = element.length_mm if element.direction == "down" else 0.0
                builder.box(*place, width_mm=across, height_mm=down, thickness_mm=element.thickness_mm)
            case Image():
                builder.picture(*place, _bitmap(self.pictures[element.file], dpi.dots(element.width_mm)))


def read_format(path: Path) -> LabelFormat:
    """The format in a TOML file. Raises FormatError."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
        head = msgspec.convert(raw, _Head)
        kind = LABELS.get(head.label)
        if kind is None:
            raise FormatError(f"there is no label {head.label!r}; there are {', '.join(LABELS)}")
        elements = tuple(_element(number, each) for number, each in enumerate(head.element, start=1))
        made = LabelFormat(head.name, kind, head.width_mm, head.height_mm, elements, _pictures_beside(path, elements))
        _require_sound(made)
    except (OSError, ValueError) as fault:
        raise FormatError(f"{path.name}: {fault}; no label is printed from it until the file is put right") from fault
    return made


def _element(number: int, raw: dict[str, Any]) -> Element:
    try:
        made: Element = msgspec.convert(raw, Element)
    except msgspec.ValidationError as fault:
        raise FormatError(f"element {number} ({raw.get('kind', 'without a kind')}): {fault}") from fault
    return made


def _pictures_beside(path: Path, elements: tuple[Element, ...]) -> dict[str, Pictures.Image]:
    files = [element.file for element in elements if isinstance(element, Image)]
    return {file: _picture(path, file) for file in files}


def _picture(path: Path, file: str) -> Pictures.Image:
    if Path(file).name != file:
        raise FormatError(f"the picture {file!r} has to lie beside the format, named without a folder")
    try:
        with Pictures.open(path.with_name(file)) as opened:
            return opened.convert("L")
    except (OSError, Pictures.DecompressionBombError) as fault:
        raise FormatError(f"the picture {file!r} cannot be read: {fault}") from fault


def _bitmap(picture: Pictures.Image, width_dots: int) -> Bitmap:
    height_dots = max(1, round(picture.height * width_dots / picture.width))
    sized = picture.resize((max(1, width_dots), height_dots)).point(lambda grey: 255 - grey).convert("1")
    return Bitmap(sized.width, sized.height, sized.tobytes())


def _write(builder: LabelBuilder, element: Text | Block, text: str) -> None:
    name = element.field or element.words
    if isinstance(element, Text):
        builder.text(
            element.x_mm,
            element.y_mm,
            text,
            field=name,
            height_mm=element.height_mm,
            least_height_mm=element.least_height_mm,
            width_mm=element.width_mm,
        )
        return
    builder.block(
        element.x_mm,
        element.y_mm,
        text,
        field=name,
        height_mm=element.height_mm,
        least_height_mm=element.least_height_mm,
        width_mm=element.width_mm,
        area_mm=element.area_mm,
    )


def _words(value: object, field: str) -> str:
    """The field's value as text: lines for several, nothing for None."""
    found: Any = value
    for name in field.split("."):
        found = getattr(found, name)
    if found is None:
        return ""
    return "\n".join(map(str, found)) if isinstance(found, tuple) else str(found)


def _names(of: type) -> Iterator[str]:
    """What a format may name of a dataclass: its fields, those of dataclasses in them, and its properties."""
    hints = get_type_hints(of)
    for field in fields(of):
        inner = hints[field.name]
        if is_dataclass(inner) and isinstance(inner, type):
            yield from (f"{field.name}.{name}" for name in _names(inner))
        else:
            yield field.name
    yield from (name for name, each in vars(of).items() if isinstance(each, property))


def _require_sound(made: LabelFormat) -> None:
    known = set(_names(made.kind.fields))
    for number, element in enumerate(made.elements, start=1):
        here = f"element {number} ({element.__struct_config__.tag})"
        if isinstance(element, Text | Block) and bool(element.field) == bool(element.words):
            raise FormatError(f"{here} needs either a field or words, one of the two")
        name = getattr(element, "field", "")
        if name and name not in known:
            raise FormatError(
                f"{here}: a {made.kind.name} label has no field {name!r}; it has {', '.join(sorted(known))}"
            )
        _, _, right_mm, bottom_mm = _area(element, made)
        if right_mm > made.width_mm or bottom_mm > made.height_mm:
            raise FormatError(
                f"{here} reaches to {right_mm:.1f} x {bottom_mm:.1f} mm, beyond the label of {made.width_mm} x "
                f"{made.height_mm} mm"
            )
    for required in made.kind.required_bars:
        _require_bars(made, required)
    shown = {element.field for element in made.elements if isinstance(element, Text | Block)}
    for field in made.kind.required_text:
        if field not in shown:
            raise FormatError(f"a {made.kind.name} label has to show {field} as text: add a text of field {field!r}")


def _require_bars(made: LabelFormat, required: RequiredBars) -> None:
    bars = next((element for element in made.elements if _are_required(element, required)), None)
    if bars is None:
        modules = "" if required.least_module_mm is None else f", modules of at least {required.least_module_mm} mm"
        raise FormatError(
            f"a {made.kind.name} label has to carry bars of {required.field} ({required.symbology}), at least "
            f"{required.least_height_mm} mm high{modules}"
        )
    if isinstance(bars, Gs1128):
        for dpi in Dpi:
            builder = LabelBuilder(made.width_mm, made.height_mm, dpi)
            sscc = Gs1Element(bars.ai, _ANY_SSCC)
            builder.gs1_128(bars.x_mm, bars.y_mm, [sscc], height_mm=bars.height_mm, module_mm=bars.module_mm)
    taken = _area(bars, made)
    for number, element in enumerate(made.elements, start=1):
        if element is not bars and not isinstance(element, Box) and _overlap(taken, _area(element, made)):
            tag = element.__struct_config__.tag
            raise FormatError(f"element {number} ({tag}) lies on the bars of {required.field}, which would not scan")


def _are_required(element: Element, required: RequiredBars) -> bool:
    match element:
        case Gs1128():
            is_of_kind = element.ai == "00" and element.module_mm >= (required.least_module_mm or 0.0)
        case Code128():
            is_of_kind = True
        case _:
            return False
    is_right = is_of_kind and element.__struct_config__.tag == required.symbology
    return is_right and element.field == required.field and element.height_mm >= required.least_height_mm


def _area(element: Element, made: LabelFormat) -> tuple[float, float, float, float]:
    """Left, top, right and lower edge in millimetres; of symbols that grow with their data, what they surely take."""
    width_mm, height_mm = 0.0, 0.0
    match element:
        case Text() | Code128() | Box():
            width_mm, height_mm = element.width_mm, element.height_mm
        case Block():
            width_mm, height_mm = element.width_mm, element.area_mm
        case Gs1128():
            width_mm, height_mm = element.module_mm * _SSCC_MODULES, element.height_mm
        case Line():
            width_mm = element.length_mm if element.direction == "across" else element.thickness_mm
            height_mm = element.length_mm if element.direction == "down" else element.thickness_mm
        case Image():
            picture = made.pictures[element.file]
            width_mm, height_mm = element.width_mm, element.width_mm * picture.height / picture.width
        case Qr() | DataMatrix():
            width_mm = height_mm = element.module_mm * _LEAST_MATRIX_MODULES
    return element.x_mm, element.y_mm, element.x_mm + width_mm, element.y_mm + height_mm


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
