"""The reasons of the shipped table, for a terminal whose store has not sent the site's own yet."""

from __future__ import annotations

from sync.record.rows import ReasonRow

LEAVE_OPEN = "leave_open"
EMPTY = "empty"
LINE = "line"
LOCATION = "location"


def _reason(
    digit: str, code: str, english: str, german: str, about: str = LINE, *, keeps_open: bool = False
) -> ReasonRow:
    words = (("de", german), ("en", english))
    return ReasonRow(code=code, digit=digit, words=words, about=about, keeps_open=keeps_open)


SHIPPED: tuple[ReasonRow, ...] = (
    _reason("1", LEAVE_OPEN, "Leave open", "Offen lassen", keeps_open=True),
    _reason("2", "short", "Short", "Fehlmenge"),
    _reason("3", "cut", "Cut", "Streichen"),
    _reason("4", "damaged", "Damaged", "Beschädigt"),
    _reason("5", "wrong_item", "Wrong item", "Falscher Artikel"),
    _reason("6", EMPTY, "Empty", "Leer", LOCATION),
    _reason("8", "location_blocked", "Blocked", "Versperrt"),
    _reason("9", "label_missing", "No label", "Etikett fehlt", LOCATION),
)
"""As the store's own file says (`sync/store/site_files/defaults/reasons.toml`)."""
