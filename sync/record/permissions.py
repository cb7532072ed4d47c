"""Who may do what: one table for the terminal's menu, for the store's judging and for its HTTP interface."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from sync.record import facts as f
from sync.record.rows import Role


class Action(StrEnum):
    """Everything that somebody may or may not do. What the administrator's own command line does is not asked here:
    whoever can open the database is the administrator.
    """

    # At a terminal.
    SIGN_IN = "sign-in"
    PICK = "pick"
    PACK = "pack"
    REPORT_EMPTY = "report-empty"
    SORT = "sort"
    COUNT = "count"
    UNDO = "undo"

    # Reads over the network.
    READ_REPORT = "read-report"
    READ_ORDERS = "read-orders"
    READ_ADDRESSES = "read-addresses"
    READ_DISCREPANCIES = "read-discrepancies"
    READ_TERMINALS = "read-terminals"
    READ_COUNTS = "read-counts"
    READ_AUDIT = "read-audit"

    # Commands over the network.
    CAPTURE_ORDERS = "capture-orders"
    HOLD_ORDER = "hold-order"
    CANCEL_ORDER = "cancel-order"
    RELEASE_HOLD = "release-hold"
    RELEASE_WORK = "release-work"
    MOVE_LIST = "move-list"
    ASSIGN_ZONE = "assign-zone"
    ASK_COUNT = "ask-count"
    SETTLE = "settle"
    CONFIRM = "confirm"


_FLOOR = frozenset({Role.PICKER, Role.PACKER, Role.LEAD, Role.STOCK, Role.ADMINISTRATOR})
_LEADS = frozenset({Role.LEAD, Role.ADMINISTRATOR})
_OFFICE = _LEADS | {Role.INTEGRATOR}

ALLOWED: Mapping[Action, frozenset[Role]] = {
    Action.SIGN_IN: _FLOOR,
    Action.PICK: frozenset({Role.PICKER, Role.LEAD}),
    Action.PACK: frozenset({Role.PACKER, Role.LEAD}),
    Action.SORT: frozenset({Role.PICKER, Role.PACKER, Role.LEAD}),
    Action.COUNT: frozenset({Role.STOCK, Role.PICKER, Role.LEAD}),
    Action.REPORT_EMPTY: frozenset({Role.PICKER, Role.LEAD, Role.STOCK}),
    Action.UNDO: frozenset({Role.PICKER, Role.PACKER, Role.LEAD, Role.STOCK}),
    Action.READ_REPORT: _OFFICE | {Role.STOCK},
    Action.READ_ORDERS: _OFFICE,
    Action.READ_ADDRESSES: frozenset({Role.INTEGRATOR, Role.ADMINISTRATOR}),
    Action.READ_DISCREPANCIES: _LEADS | {Role.STOCK},
    Action.READ_TERMINALS: _LEADS,
    Action.READ_COUNTS: _LEADS | {Role.STOCK},
    Action.READ_AUDIT: frozenset({Role.ADMINISTRATOR}),
    Action.CAPTURE_ORDERS: frozenset({Role.INTEGRATOR, Role.ADMINISTRATOR}),
    Action.HOLD_ORDER: _OFFICE,
    Action.CANCEL_ORDER: _OFFICE,
    Action.RELEASE_HOLD: _LEADS,
    Action.RELEASE_WORK: _LEADS,
    Action.MOVE_LIST: _LEADS,
    Action.ASSIGN_ZONE: _LEADS,
    Action.ASK_COUNT: _LEADS | {Role.STOCK},
    Action.SETTLE: _LEADS,
    Action.CONFIRM: _LEADS,
}
"""The roles that may do each action; one of them is enough."""

ACTION_OF_KIND: Mapping[str, Action | None] = {
    f.SignedIn.kind: Action.SIGN_IN,
    f.SignedOut.kind: None,
    f.ClaimedList.kind: Action.PICK,
    f.ReleasedList.kind: None,
    f.ToteBound.kind: Action.PICK,
    f.LocationConfirmed.kind: Action.PICK,
    f.Picked.kind: Action.PICK,
    f.PutInTote.kind: Action.PICK,
    f.LineSkipped.kind: Action.PICK,
    f.LineShorted.kind: Action.PICK,
    f.ReportedEmpty.kind: Action.REPORT_EMPTY,
    f.LocationReported.kind: Action.REPORT_EMPTY,
    f.Undone.kind: Action.UNDO,
    f.ListHandedOver.kind: Action.PICK,
    f.PieceVerified.kind: Action.PACK,
    f.PackReported.kind: Action.PACK,
    f.SsccAssigned.kind: Action.PACK,
    f.LabelSent.kind: None,
    f.LabelProven.kind: Action.PACK,
    f.CartonClosed.kind: Action.PACK,
    f.ClaimedSsccs.kind: Action.PACK,
    f.PutBack.kind: Action.PACK,
    f.LabelRefused.kind: None,
    f.ZoneChosen.kind: None,
    f.ClaimedTote.kind: Action.PICK,
    f.CartToteBound.kind: Action.PICK,
    f.OrderHandedOver.kind: Action.PICK,
    f.ClaimedSort.kind: Action.SORT,
    f.PutInCubby.kind: Action.SORT,
    f.SortReported.kind: Action.SORT,
    f.ReleasedSort.kind: None,
    f.ClaimedCount.kind: Action.COUNT,
    f.ZeroChecked.kind: Action.PICK,
    f.Counted.kind: Action.COUNT,
    f.CountEnded.kind: Action.COUNT,
    f.ReleasedCount.kind: None,
}
"""What each kind of ledger entry does. None asks for no role: signing off and giving work back only end something, and
what became of a label came from the printer.
"""


def may(roles: Collection[Role], action: Action) -> bool:
    """Whether one who has these roles may do it."""
    return not ALLOWED[action].isdisjoint(roles)


def may_write(roles: Collection[Role], kind: str) -> bool:
    """Whether one who has these roles may write ledger entries of this kind (of `sync.record.facts.FACT_KINDS`)."""
    action = ACTION_OF_KIND[kind]
    return action is None or may(roles, action)
