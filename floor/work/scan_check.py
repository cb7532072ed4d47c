"""Does a scan answer this prompt? The refusal names the kind of what was scanned and what is wanted instead."""

from __future__ import annotations

from typing import assert_never

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
)


def wrong_kind(desk: Desk, view: RecordView, scanned: Scanned, expected: str) -> Reply:
    """``expected`` names the kind that the step wants: ``location``, ``item``, ``tote``, ``badge``, ``label`` ..."""
    match scanned:
        case MisreadScan(text):
            return refuse(desk, "misread", scanned=text, expected=expected)
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
        case PlainScan(text) | MisreadScan(text):
            return "code", text
        case _:
            assert_never(scanned)
