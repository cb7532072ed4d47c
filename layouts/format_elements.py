"""What may stand in a site's own label format; each element is one `[[element]]` of the TOML file."""

from typing import Annotated, Literal

import msgspec

Place = Annotated[float, msgspec.Meta(ge=0, le=1000)]
Size = Annotated[float, msgspec.Meta(gt=0, le=1000)]


class Placed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", kw_only=True):
    """What every element has: its upper left corner, on the label."""

    x_mm: Place
    y_mm: Place


class Text(Placed, frozen=True, tag="text", kw_only=True):
    """One line: a field of the label, or words that are always the same."""

    height_mm: Size
    width_mm: Size
    field: str = ""
    words: str = ""
    least_height_mm: Size | None = None


class Block(Placed, frozen=True, tag="block", kw_only=True):
    """Lines wrapped to `width_mm` within `area_mm` downwards."""

    height_mm: Size
    width_mm: Size
    area_mm: Size
    field: str = ""
    words: str = ""
    least_height_mm: Size | None = None


class Code128(Placed, frozen=True, tag="code-128", kw_only=True):
    """Bars of plain text, as wide as `width_mm` allows."""

    field: str
    height_mm: Size
    width_mm: Size


class Gs1128(Placed, frozen=True, tag="gs1-128", kw_only=True):
    """Bars of one GS1 element; `x_mm` is the first bar."""

    field: str
    ai: str
    height_mm: Size
    module_mm: Size


class Qr(Placed, frozen=True, tag="qr", kw_only=True):
    """A QR code."""

    field: str
    module_mm: Size


class DataMatrix(Placed, frozen=True, tag="datamatrix", kw_only=True):
    """A DataMatrix of plain text."""

    field: str
    module_mm: Size


class Box(Placed, frozen=True, tag="box", kw_only=True):
    """A rectangle."""

    width_mm: Size
    height_mm: Size
    thickness_mm: Size = 0.3


class Line(Placed, frozen=True, tag="line", kw_only=True):
    """A line, from its upper left end."""

    length_mm: Size
    direction: Literal["across", "down"] = "across"
    thickness_mm: Size = 0.3


class Image(Placed, frozen=True, tag="image", kw_only=True):
    """A picture file beside the format, black and white, as wide as `width_mm`."""

    file: str
    width_mm: Size


Element = Text | Block | Code128 | Gs1128 | Qr | DataMatrix | Box | Line | Image
