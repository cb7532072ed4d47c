"""Made-up facts about real items: demand class, packagings, barcodes, lots and the stock of a demo warehouse.

Everything follows from the seed and the item's code, so the same catalogue makes the same warehouse.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from random import Random

from sync.record.codes.gtin import with_check_digit
from sync.record.ids import Gtin, ItemId, LotCode
from sync.store.warehouse.catalogue import CatalogueItem

MOST_ITEM_NUMBERS = 99_999
"""Five digits are left for the item behind a company prefix of seven."""
_A_SHARE, _B_SHARE = 0.80, 0.95
_LOT_SHARE, _SHORT_SHARE, _SECOND_FACE_SHARE = 0.03, 0.02, 0.05
_SERIAL_SHARE = _WEIGHT_SHARE = 0.01
_SHORT_OF_DEMAND = 0.6
_LEAST_SHORT_DEMAND = 5
_TEN = 10
_INNERS = ((6, (3, 2, 1)), (10, (5, 2, 1)), (12, (3, 2, 2)))
_CASES = ((4, (2, 2, 1)), (6, (3, 2, 1)), (8, (2, 2, 2)))


@dataclass(frozen=True, slots=True)
class Packaging:
    name: str
    """``each``, ``inner`` or ``case``."""
    pieces: int
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    gtin: Gtin


@dataclass(frozen=True, slots=True)
class Lot:
    lot: LotCode
    expiry: date | None
    pieces: int


@dataclass(frozen=True, slots=True)
class Goods:
    """An item as the demo warehouse keeps it."""

    item: CatalogueItem
    demand_class: str
    packagings: tuple[Packaging, ...]
    expires: bool
    has_serials: bool
    sold_by_weight: bool
    faces: tuple[tuple[Lot, ...], ...]
    """What stands at each of its pick faces, the best face first."""


def chance_for(seed: int, *purpose: str) -> Random:
    """Chance that is the same at every run and for every item its own."""
    return Random("/".join((str(seed), *purpose)))  # noqa: S311 - a demo must be repeatable


def plan_goods(
    catalogue: Iterable[CatalogueItem],
    seed: int,
    company_prefix: str,
    first_number: int,
    today: date,
    *,
    all_kinds: bool = False,
) -> list[Goods]:
    """What the warehouse keeps of each item, the most wanted first.

    Args:
        company_prefix: 7 digits.
        first_number: the first free item number behind the prefix; each item takes one.
        all_kinds: some items have serial numbers, and some are sold by weight.
    """
    ranked = sorted(catalogue, key=lambda each: (-each.lines, -each.pieces, each.item_id))
    classes = _demand_classes(ranked)
    with_lots = _chosen(ranked, _some(len(ranked), _LOT_SHARE), seed, "lots")
    two_lots = _chosen(
        [each for each in ranked if each.item_id in with_lots], ceil(len(with_lots) / 3), seed, "two lots"
    )
    wanted = [each for each in ranked if each.pieces >= _LEAST_SHORT_DEMAND and each.item_id not in with_lots]
    short = _chosen(wanted, _some(len(ranked), _SHORT_SHARE), seed, "short")
    plain = [each for each in ranked if each.item_id not in with_lots]
    serials = _chosen(plain, _some(len(ranked), _SERIAL_SHARE), seed, "serials") if all_kinds else set()
    unnumbered = [each for each in plain if each.item_id not in serials]
    by_weight = _chosen(unnumbered, _some(len(ranked), _WEIGHT_SHARE), seed, "weight") if all_kinds else set()
    second_face = {each.item_id for each in ranked[: _some(len(ranked), _SECOND_FACE_SHARE)]}
    goods = []
    for number, each in enumerate(ranked, start=first_number):
        chance = chance_for(seed, "item", each.item_id)
        packagings = _packagings(classes[each.item_id], f"{company_prefix}{number:05d}", chance)
        pieces = _opening_pieces(each, each.item_id in short, chance)
        expires = each.item_id in with_lots
        parts = [ceil(pieces * 0.6), pieces - ceil(pieces * 0.6)] if each.item_id in second_face else [pieces]
        parts = [part for part in parts if part > 0]
        lots = 2 if each.item_id in two_lots else 1
        faces = tuple(_lots(part, lots, chance, today) if expires else _no_lot(part) for part in parts)
        kinds = {"has_serials": each.item_id in serials, "sold_by_weight": each.item_id in by_weight}
        goods.append(Goods(each, classes[each.item_id], packagings, expires, faces=faces, **kinds))
    return goods


def _demand_classes(ranked: Sequence[CatalogueItem]) -> dict[ItemId, str]:
    """A: the items that make the first 80 % of the lines; B: up to 95 %; C: the rest."""
    total = sum(each.lines for each in ranked)
    classes: dict[ItemId, str] = {}
    before = 0
    for each in ranked:
        share = before / total if total else 1.0
        classes[each.item_id] = "A" if share < _A_SHARE else "B" if share < _B_SHARE else "C"
        before += each.lines
    return classes


def _chosen(items: Sequence[CatalogueItem], count: int, seed: int, purpose: str) -> set[ItemId]:
    drawn = sorted(items, key=lambda each: chance_for(seed, purpose, each.item_id).random())
    return {each.item_id for each in drawn[:count]}


def _some(count: int, share: float) -> int:
    """So many of them, and at least one of ten."""
    return max(round(count * share), count >= _TEN)


def _opening_pieces(item: CatalogueItem, short: bool, chance: Random) -> int:
    if short:
        return int(item.pieces * _SHORT_OF_DEMAND)
    return ceil(item.pieces * chance.uniform(1.1, 1.6)) + chance.randint(5, 20)


def _no_lot(pieces: int) -> tuple[Lot, ...]:
    return (Lot(LotCode(""), None, pieces),)


def _lots(pieces: int, count: int, chance: Random, today: date) -> tuple[Lot, ...]:
    first = pieces if count == 1 else ceil(pieces / 3)
    parts = [part for part in (first, pieces - first) if part > 0]
    days = sorted(chance.sample(range(30, 400), len(parts)))
    numbers = chance.sample(range(1000, 10000), len(parts))
    return tuple(
        Lot(LotCode(f"L{number}"), today + timedelta(days=ahead), part)
        for number, ahead, part in zip(numbers, days, parts, strict=True)
    )


def _packagings(demand_class: str, digits: str, chance: Random) -> tuple[Packaging, ...]:
    """Each, an inner for the better sellers and a case for the best; weights and sizes fit into each other.

    The indicator digit of a GTIN-14 tells an inner (1) and a case (2) from the piece (GS1 General Specifications, 4.4).
    """
    length, width, height = sorted((round(chance.triangular(20, 400, 80)) for _ in range(3)), reverse=True)
    grams_per_cm3 = chance.uniform(0.08, 0.8)
    weight = max(5, round(length * width * height / 1000 * grams_per_cm3))
    made = [Packaging("each", 1, weight, length, width, height, _gtin("0", digits))]
    inner_pieces, inner_times = chance.choice(_INNERS)
    inners, case_times = chance.choice(_CASES)
    if demand_class in "AB":
        made.append(_packed("inner", inner_pieces, inner_times, made[-1], _gtin("1", digits)))
    if demand_class == "A":
        made.append(_packed("case", inner_pieces * inners, case_times, made[-1], _gtin("2", digits)))
    return tuple(made)


def _packed(name: str, pieces: int, times: tuple[int, int, int], of: Packaging, gtin: Gtin) -> Packaging:
    wall_mm, cardboard = 6, 1.04
    return Packaging(
        name=name,
        pieces=pieces,
        weight_g=ceil(of.weight_g * (pieces // of.pieces) * cardboard),
        length_mm=of.length_mm * times[0] + wall_mm,
        width_mm=of.width_mm * times[1] + wall_mm,
        height_mm=of.height_mm * times[2] + wall_mm,
        gtin=gtin,
    )


def _gtin(indicator: str, digits: str) -> Gtin:
    return Gtin(with_check_digit(indicator + digits))
