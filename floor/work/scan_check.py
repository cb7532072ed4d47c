"""Does what was given answer this prompt? The refusal names what was scanned and what is wanted instead."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from floor.work.prompt import Input, Key, Notice, Pressed, Scan, Tone
from floor.work.reply import Desk, Reply, refuse
from floor.work.view import RecordView
from sync.record.codes.scanned import (
    BadgeScan,
    CommandScan,
    CubbyScan,
    ItemScan,
    LocationScan,
    MisreadScan,
    PlainScan,
    PositionScan,
    Scanned,
    SsccScan,
    ToteScan,
    read_code,
)
from sync.record.facts import How
from sync.record.ids import LocationCode
from sync.record.rows import LocationKind


def wrong_kind(desk: Desk, view: RecordView, scanned: Scanned, expected: str) -> Reply:
    """``expected`` names the kind that the step wants: ``location``, ``item``, ``tote``, ``badge``, ``label`` ..."""
    match scanned:
        case MisreadScan(text, separator_lost):
            return refuse(desk, "gs_lost" if separator_lost else "misread", scanned=text, expected=expected)
        case PlainScan(text):
            return refuse(desk, "unknown_code", scanned=text, expected=expected)
        case _:
            kind, shown = kind_and_name(view, scanned)
            return refuse(desk, "wrong_kind", scanned=shown, kind=kind, expected=expected)


def kind_and_name(view: RecordView, scanned: Scanned) -> tuple[str, str]:
    """What a scan is, and how the worker knows it."""
    match scanned:
        case LocationScan(location):
            return "location", location
        case ToteScan(tote):
            return "tote", tote
        case CubbyScan(cubby):
            return "cubby", cubby
        case PositionScan(position=position):
            return "position", str(position)
        case BadgeScan(badge):
            return "badge", badge
        case CommandScan(command):
            return "command", command
        case SsccScan(sscc):
            return "label", sscc
        case ItemScan():
            item = view.item_by_gtin(scanned.gtin)
            return "item", scanned.gtin.lstrip("0") if item is None else item.item_id
        case PlainScan(text=text) | MisreadScan(text=text):
            return "code", text
        case _:
            assert_never(scanned)


def stands_at(desk: Desk, view: RecordView, location: LocationCode, given: Input) -> How | Reply:
    """How the worker has shown to stand before the location, by its barcode or its check digits; else the answer."""
    match given:
        case Scan(text, symbology):
            scanned = read_code(text, symbology)
            if not isinstance(scanned, LocationScan):
                return wrong_kind(desk.typing(""), view, scanned, "location")
            if scanned.location != location:
                return refuse(desk.typing(""), "not_this_location", scanned=scanned.location, expected=location)
            return How.SCANNED
        case Pressed(Key.ENTER) if desk.entry:
            place = view.location(location)
            if place is None or desk.entry != place.check_digits:
                return refuse(desk.typing(""), "check_digits_wrong", typed=desk.entry, expected=location)
            return How.TYPED
        case _:
            return Reply(desk)


def puts_down_at(desk: Desk, view: RecordView, given: Input) -> LocationCode | Reply:
    """The place where totes for packing are put down; else the answer."""
    if not isinstance(given, Scan):
        return Reply(desk)
    scanned = read_code(given.text, given.symbology)
    if not isinstance(scanned, LocationScan):
        return wrong_kind(desk, view, scanned, "place")
    place = view.location(scanned.location)
    if place is None or place.kind not in (LocationKind.PACK, LocationKind.STAGING):
        return refuse(desk, "not_this_location", scanned=scanned.location, expected="place")
    return scanned.location


def why_not_back_at(desk: Desk, view: RecordView, location: LocationCode, home: LocationCode | None) -> Reply | None:
    """Pieces go back to where they were picked. Another place is warned of; scanned a second time it is meant."""
    place = view.location(location)
    if place is None or place.kind not in (LocationKind.PICK, LocationKind.RESERVE):
        return refuse(desk, "not_this_location", scanned=location, expected=home or "location")
    if home is None or location == home or desk.other_place == location:
        return None
    notice = Notice("other_place", {"scanned": location, "expected": home}, Tone.WARNING)
    return Reply(replace(desk, other_place=location), notice=notice)
