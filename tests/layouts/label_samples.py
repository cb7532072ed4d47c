"""One label or document of each kind, and what a scanner reads on it."""

from dataclasses import dataclass

from layouts.arrows import Arrow
from layouts.documents.carton_content import CartonContent
from layouts.documents.packing_slip import PackedLine, PackingSlip
from layouts.documents.pick_sheet import PickSheet, SheetLine
from layouts.labels.badge_label import BadgeLabel
from layouts.labels.command_label import CommandLabel
from layouts.labels.kinds import DOCUMENTS, LABELS
from layouts.labels.location_label import LocationLabel
from layouts.labels.pallet_label import PalletLabel
from layouts.labels.position_label import PositionLabel
from layouts.zpl import Dpi, LabelBuilder

SSCC = "340123451234567895"


@dataclass(frozen=True)
class Sample:
    """`kind` names it in the table of labels or of documents; `codes` are read on each of its labels."""

    kind: str
    value: object
    codes: tuple[str, ...]

    def lay_out(self, dpi: Dpi) -> tuple[LabelBuilder, ...]:
        kind = LABELS.get(self.kind) or DOCUMENTS[self.kind]
        assert isinstance(self.value, kind.fields)
        return kind.lay_out(self.value, dpi)


PACKED = (
    PackedLine("MUG-RED", "Mug, red, 0.3 l, dishwasher safe, with a handle for large hands", 12),
    PackedLine("MILK-1", "Milch 1 l", 6, "L77"),
    PackedLine("TEA-5", "Thé à la menthe", 1),
)
CONTENT = CartonContent("SO-2024-000123", "1 / 3", SSCC, PACKED)
SLIP = PackingSlip(
    ("Floorhand Demo", "Industriestraße 12"),
    ("Zoë O’Brien", "Müller & Søn", "SW1A 1AA London", "UK"),
    "SO-2024-000123",
    "1 / 3",
    PACKED,
    "SO-2024-000123",
    "Thank you. Keep this slip for returns.",
)
SHEET = PickSheet(
    "PL-000042",
    "SO-2024-000123",
    "A",
    tuple(SheetLine(f"A03-{bay:02d}-2", f"SKU-{bay}", "Mug, red", bay) for bay in range(1, 31)),
    "PL-000042",
)
SAMPLES = {
    "pallet": Sample(
        "pallet",
        PalletLabel(
            ("Floorhand Demo", "Industriestraße 12"), ("DHL Parcel hub", "Lane 7"), "DHL Parcel", SSCC, 24, 312_500
        ),
        (f"(00){SSCC}",),
    ),
    "cubby": Sample("position", PositionLabel("W-1-A03-7", "A03", "Wall 1", Arrow.UP), ("W-1-A03-7",)),
    "cart_position": Sample("position", PositionLabel("P-07-3-K", "3", "Cart 07"), ("P-07-3-K",)),
    "location_with_arrow": Sample(
        "location", LocationLabel("L-A03-12-2-X", "Zone A", "47", Arrow.DOWN, "blue"), ("L-A03-12-2-X",)
    ),
    "badge": Sample("badge", BadgeLabel("B-1001-V", "Ayşe Öztürk", "Picker", "Floorhand Demo"), ("B-1001-V",)),
    "command": Sample(
        "command", CommandLabel("C-PROBLEM-4", "PROBLEM", "Short, damaged, skip: says what is wrong"), ("C-PROBLEM-4",)
    ),
    "carton_content": Sample("carton-content", CONTENT, ()),
    "packing_slip": Sample("packing-slip", SLIP, ("SO-2024-000123",)),
    "pick_sheet": Sample("pick-sheet", SHEET, ("PL-000042",)),
}
