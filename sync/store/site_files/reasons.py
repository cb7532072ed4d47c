"""The table of reasons: what may be wrong while picking, and what the store does about it (`defaults/reasons.toml`)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

import msgspec
from sqlalchemy import Connection

from sync.record.ids import SiteId
from sync.store.site_files.files import SiteFile, SiteFileRefused, read_toml, text_of


class About(StrEnum):
    LINE = "line"
    """Pieces of the line are missing."""
    LOCATION = "location"
    """The place itself; the line stays as it is."""


class Then(StrEnum):
    """What follows."""

    LOOK_ELSEWHERE = "look_elsewhere"
    """The missing pieces are reserved at another location at once and added to the walk."""
    CUT = "cut"
    """The demand for them is given up."""
    WRITE_OFF = "write_off"
    """The missing pieces are no stock any more."""
    FREEZE = "freeze"
    """Nobody else is sent to the location until somebody has counted it."""
    COUNT = "count"
    """A count of the location is asked for."""
    REPLENISH = "replenish"
    """The item is asked for at the location."""
    TELL_LEAD = "tell_lead"
    """A discrepancy is opened."""
    HOLD_ORDER = "hold_order"
    """The order waits for a person."""


OF_A_LINE = frozenset({Then.LOOK_ELSEWHERE, Then.CUT, Then.WRITE_OFF, Then.HOLD_ORDER})
NO_CODE = "frozen"
"""What a lead's own closing of a location is called."""


class Reason(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: str
    digit: str
    """By which it is chosen; of two the first is 9, behind which a terminal has its second page."""
    words: dict[str, str]
    """By language; English is needed."""
    about: About = About.LINE
    keeps_open: bool = False
    """The line is not shorted: the picker comes back to it."""
    then: frozenset[Then] = frozenset()


class _File(msgspec.Struct, forbid_unknown_fields=True):
    reason: list[Reason]


@lru_cache(maxsize=64)
def parse_reasons(text: str) -> tuple[Reason, ...]:
    """The reasons of a file, in their order. Raises `SiteFileRefused`."""
    reasons = tuple(read_toml(SiteFile.REASONS, text, _File).reason)
    for what in ("code", "digit"):
        twice = [value for value, times in Counter(getattr(one, what) for one in reasons).items() if times > 1]
        if twice:
            raise SiteFileRefused(f"the file of reasons has the {what} {twice[0]!r} twice. Nothing was changed.")
    if {"9"} < {one.digit for one in reasons if one.digit.startswith("9")}:
        raise SiteFileRefused(
            "the file of reasons has the digit 9 and others that begin with it: 9 leads to these. Give the reason of 9 "
            "two digits as well. Nothing was changed."
        )
    for one in reasons:
        for why in _wrong_with(one):
            raise SiteFileRefused(f"the reason {one.code!r} {why}. Nothing was changed.")
    return reasons


def _wrong_with(reason: Reason) -> Iterator[str]:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,23}", reason.code) or reason.code == NO_CODE:
        yield "needs another code: small letters, digits and _, at most 24, and not 'frozen'"
    if not re.fullmatch("[1-689]|9[1-9]", reason.digit) or not reason.words.get("en"):
        yield "needs a digit from 1 to 9, but not 7 (the tote is full), or 91 to 99, and words in English"
    if reason.keeps_open and (reason.then or reason.about is About.LOCATION):
        yield "keeps the line open: it is about a line, and nothing can follow of it"
    if {Then.CUT, Then.LOOK_ELSEWHERE} <= reason.then:
        yield "cuts the demand and looks elsewhere for it: one of them"
    of_line = sorted(reason.then & OF_A_LINE)
    if reason.about is About.LOCATION and of_line:
        yield f"is about a location, where {', '.join(of_line)} means nothing: that is of a line"


def reasons_of(conn: Connection, site_id: SiteId) -> tuple[Reason, ...]:
    return parse_reasons(text_of(conn, site_id, SiteFile.REASONS))
