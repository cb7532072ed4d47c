"""Zone pick: only one zone's lines. The zone is chosen, a tote comes from the zone before and goes on to the next, or

zones pick at the same time and their totes come together (floor-behaviour 12). The walk between the first tote and the
hand-over is that of piece pick (`floor.work.piece_pick`).
"""

from __future__ import annotations

from dataclasses import replace

from floor.work.pick_steps import PickStep
from floor.work.prompt import Choice, Input, Key, Notice, Pressed, Prompt, Scan, Tone, Typed
from floor.work.reply import Activity, Asking, Desk, Reply, refuse
from floor.work.scan_check import wrong_kind
from floor.work.transitions import Transition
from floor.work.view import RecordView
from sync.record.codes.scanned import LocationScan, Scanned, ToteScan, read_code
from sync.record.facts import ClaimedTote, How, ListHandedOver, ReleasedList, ToteBound, ZoneChosen
from sync.record.ids import LocationCode, ToteCode, ZoneId
from sync.record.picking import Walk, has_tote, missing_pieces
from sync.record.rows import ListKind, LocationKind, PickListRow, ToteStatus, ZoneRow

TRANSITIONS = (
    Transition("sign_in", "badge", "choose_zone", "where workers choose, and something is picked by zone"),
    Transition("choose_zone", "digit", "menu"),
    Transition("choose_zone", "location", "menu", "the zone of any place in it"),
    Transition("choose_zone", "enter", "menu", "the zone stays as it is"),
    Transition("choose_zone", "back", "menu", "the zone stays as it is"),
    Transition("menu", "digit", "choose_zone"),
    Transition("menu", "digit", "waiting_store", "the zone's most urgent list is asked for"),
    Transition("menu", "tote", "waiting_store", "the work that the tote belongs to is asked for"),
    Transition("menu", "digit", "fetch_tote", "the list in hand"),
    Transition("menu", "tote", "fetch_tote", "the list in hand"),
    Transition("waiting_store", "news", "no_work", "the zone has no list, or why the tote is not to be had"),
    Transition("waiting_store", "news", "bind_tote", "the first zone of an order, or zones in parallel"),
    Transition("waiting_store", "news", "fetch_tote", "a list whose tote another zone has passed on"),
    Transition("waiting_store", "news", "go_to", "the tote that was scanned"),
    Transition("no_work", "enter", "waiting_store"),
    Transition("no_work", "tote", "waiting_store"),
    Transition("no_work", "back", "menu"),
    Transition("fetch_tote", "tote", "go_to", "all totes of the order go along"),
    Transition("fetch_tote", "back", "menu"),
    Transition("fetch_tote", "problem", "tote_problem"),
    Transition("fetch_tote", "news", "list_moved", "a lead has given the list to somebody else"),
    Transition("fetch_tote", "news", "no_work", "the order was cancelled"),
    Transition("tote_problem", "back", "fetch_tote"),
    Transition(
        "tote_problem", "digit", "no_work", "it is not there: the list is given back and its order waits for a lead"
    ),
    Transition("list_moved", "enter", "no_work"),
    Transition("bind_tote", "empty tote", "go_to"),
    Transition("put", "tote", "pass_on", "another zone still comes"),
    Transition("put", "tote", "zero_check", "by the record nothing is left there"),
    Transition("put", "tote", "consolidate_first", "parallel: no tote of the order has been put down yet"),
    Transition("put", "tote", "consolidate", "parallel: the place is pinned"),
    Transition("put", "tote", "hand_over", "the last zone, or the only one"),
    Transition("zero_check", "digit", "pass_on", "it was looked at, and another zone still comes"),
    Transition("hand_over", "news", "pass_on", "what was short here stands in another zone"),
    Transition("pass_on", "undo", "put"),
    Transition("pass_on", "news", "hand_over", "the zones to come have nothing to pick any more"),
    Transition("pass_on", "place", "handed_over"),
    Transition("consolidate_first", "undo", "put"),
    Transition("consolidate_first", "news", "consolidate", "another zone was there before"),
    Transition("consolidate_first", "news", "hand_over", "no other zone has anything to pick any more"),
    Transition("consolidate_first", "place", "handed_over", "how many zones still pick is said"),
    Transition("consolidate", "undo", "put"),
    Transition("consolidate", "news", "consolidate", "one zone less still picks"),
    Transition("consolidate", "place", "handed_over", "the last one is told that the order is complete"),
    Transition("hand_over", "place", "handed_over"),
    Transition("handed_over", "enter", "waiting_store"),
)

BY_ZONE = (ListKind.ZONE_PASS, ListKind.ZONE_PARALLEL)
NOT_THERE = "1"
_ON_A_PAGE = 5
_OTHERS, _ALL = "8", "9"


# Which zone.


def zone_prompt(desk: Desk, view: RecordView) -> Prompt:
    zones, shown = view.zones_to_choose(), _shown(desk, view)
    choices = [
        Choice(
            str(digit),
            "zone.one",
            {"zone": zone.zone_id, "name": zone.name, "open": str(view.open_lists_of_zone(zone.zone_id))},
        )
        for digit, zone in enumerate(shown, 1)
    ]
    if len(zones) > _ON_A_PAGE:
        choices.append(Choice(_OTHERS, "zone.others"))
    choices.append(Choice(_ALL, "zone.all"))
    return Prompt("choose_zone", {"zone": view.zone() or ""}, choices=tuple(choices), keys=(Key.ENTER, Key.BACK))


def _shown(desk: Desk, view: RecordView) -> tuple[ZoneRow, ...]:
    zones = view.zones_to_choose()
    pages = max(1, -(-len(zones) // _ON_A_PAGE))
    first = desk.page % pages * _ON_A_PAGE
    return zones[first : first + _ON_A_PAGE]


def answer_zone(desk: Desk, view: RecordView, given: Input, after: Asking | None) -> Reply:
    """``after``: the question that stands next."""
    shown = _shown(desk, view)
    match given:
        case Typed(digit) if digit.isdigit() and 0 < int(digit) <= len(shown):
            return _chosen(desk, shown[int(digit) - 1].zone_id, after)
        case Typed(digit) if digit == _OTHERS and len(view.zones_to_choose()) > _ON_A_PAGE:
            return Reply(replace(desk, page=desk.page + 1))
        case Typed(digit) if digit == _ALL:
            return _chosen(desk, None, after)
        case Pressed(Key.ENTER | Key.BACK | Key.UNDO):
            return Reply(replace(desk.plain(), asking=after))
        case Scan(text, symbology):
            scanned = read_code(text, symbology)
            place = view.location(scanned.location) if isinstance(scanned, LocationScan) else None
            if place is None or place.zone_id not in {zone.zone_id for zone in view.zones_to_choose()}:
                return wrong_kind(desk, view, scanned, "zone")
            return _chosen(desk, place.zone_id, after)
        case _:
            return Reply(desk)


def _chosen(desk: Desk, zone_id: ZoneId | None, after: Asking | None) -> Reply:
    return Reply(replace(desk.plain(zone_seen=(zone_id,)), asking=after), facts=(ZoneChosen(zone_id=zone_id),))


def with_zone(reply: Reply, view: RecordView) -> Reply:
    """A lead may put the worker into another zone: it is said once, and what is in the hand is picked to the end."""
    if view.signed_in() is None or any(isinstance(fact, ZoneChosen) for fact in reply.facts):
        return reply
    zone_id = view.zone()
    if reply.desk.zone_seen == (zone_id,):
        return reply
    seen = replace(reply, desk=replace(reply.desk, zone_seen=(zone_id,)))
    if reply.desk.zone_seen is None:
        return seen
    if reply.notice is not None:
        return reply
    if zone_id is None:
        return replace(seen, notice=Notice("zone_cleared", tone=Tone.WARNING))
    return replace(seen, notice=Notice("zone_changed", {"zone": zone_id}, Tone.WARNING))


# Work that is claimed by its tote.


def claim_by_tote(desk: Desk, view: RecordView, scanned: ToteScan) -> Reply:
    """At the menu or without work: the tote before me says what I go on with."""
    walk = view.held_walk()
    if walk is None and not view.claim_pending():
        return Reply(desk.plain(activity=Activity.PICK), facts=(ClaimedTote(tote=scanned.tote),))
    if walk is None or scanned.tote in walk.head.totes:
        return Reply(desk.plain(activity=Activity.PICK))
    return refuse(desk, "finish_first", scanned=scanned.tote, order=walk.head.order_ref)


def tote_to_fetch(head: PickListRow, view: RecordView) -> ToteCode | None:
    """The tote that the zone before has passed on and nobody has taken yet."""
    if head.kind is not ListKind.ZONE_PASS or has_tote(head) or not head.totes:
        return None
    tote = view.tote(head.totes[-1])
    return head.totes[-1] if tote is not None and tote.status is ToteStatus.PASSED else None


# Its own prompts between piece pick's.


def is_asked_of_leg(desk: Desk, head: PickListRow) -> bool:
    """Whether a zone's own prompts may stand: no question of piece pick's interrupts them."""
    return head.kind in BY_ZONE and desk.asking in (None, Asking.TOTE_PROBLEM)


def leg_prompt(desk: Desk, view: RecordView, walk: Walk, step: PickStep) -> Prompt | None:
    """What is asked otherwise than in piece pick; None: nothing."""
    head = walk.head
    fetched = tote_to_fetch(head, view)
    if step is PickStep.BIND_TOTE and fetched is not None:
        tote = view.tote(fetched)
        place = "" if tote is None or tote.place is None else tote.place
        values = {"order": head.order_ref, "tote": fetched, "place": place, "to_come": _then(head)}
        if desk.asking is Asking.TOTE_PROBLEM:
            not_there = Choice(NOT_THERE, "tote.not_there")
            return Prompt("tote_problem", values, choices=(not_there,), keys=(Key.BACK,))
        return Prompt("fetch_tote", values, keys=(Key.HELP, Key.PROBLEM, Key.BACK))
    if step is not PickStep.HAND_OVER or _goes_to_packing(head):
        return None
    values = {
        "order": head.order_ref,
        "tote": " ".join(head.totes),
        "totes": str(len(head.totes)),
        "shorts": str(missing_pieces(walk)),
        "to_come": _then(head),
    }
    keys = (Key.HELP, Key.UNDO)
    if head.kind is ListKind.ZONE_PASS:
        return Prompt("pass_on", {**values, "zone": head.to_come[0], "to_come": _then(head, 1)}, keys=keys)
    if head.consolidation is None:
        return Prompt("consolidate_first", values, keys=keys)
    return Prompt("consolidate", {**values, "location": head.consolidation}, keys=keys)


def _then(head: PickListRow, first: int = 0) -> str:
    return ", ".join(head.to_come[first:])


def _goes_to_packing(head: PickListRow) -> bool:
    """No other zone picks for the order, and none of its totes waits for this one."""
    return not head.to_come and head.consolidation is None


def answer_leg(desk: Desk, view: RecordView, walk: Walk, step: PickStep, given: Input) -> Reply | None:
    """The answers to `leg_prompt`; None: piece pick answers."""
    fetched = tote_to_fetch(walk.head, view)
    if step is PickStep.BIND_TOTE and fetched is not None:
        return _answer_fetch(desk, view, walk.head, fetched, given)
    if not isinstance(given, Scan):
        return None
    scanned = read_code(given.text, given.symbology)
    if step is PickStep.HAND_OVER and not _goes_to_packing(walk.head):
        return _put_down(desk, view, walk.head, scanned)
    return None


def _answer_fetch(desk: Desk, view: RecordView, head: PickListRow, fetched: ToteCode, given: Input) -> Reply:
    is_problem = desk.asking is Asking.TOTE_PROBLEM
    match given:
        case Scan(text, symbology) if is_problem:
            return wrong_kind(desk, view, read_code(text, symbology), "choice")
        case Scan(text, symbology):
            return _fetch(desk, view, head, fetched, read_code(text, symbology))
        case Pressed(Key.PROBLEM):
            return Reply(desk.ask(Asking.TOTE_PROBLEM))
        case Typed(digit) if is_problem and digit == NOT_THERE:
            back = ReleasedList(list_id=head.list_id, token=head.token, missing=fetched)
            return Reply(desk.plain(), facts=(back,), notice=Notice("tote_reported", {"tote": fetched}, Tone.WARNING))
        case _:
            return Reply(desk)


def _fetch(desk: Desk, view: RecordView, head: PickListRow, fetched: ToteCode, scanned: Scanned) -> Reply:
    if not isinstance(scanned, ToteScan):
        return wrong_kind(desk, view, scanned, "tote")
    if scanned.tote not in head.totes:
        return refuse(desk, "not_this_tote", scanned=scanned.tote, expected=fetched)
    taken = ToteBound(list_id=head.list_id, token=head.token, tote=scanned.tote, how=How.SCANNED)
    return Reply(desk.plain(), facts=(taken,))


def _put_down(desk: Desk, view: RecordView, head: PickListRow, scanned: Scanned) -> Reply:
    if not isinstance(scanned, LocationScan):
        return wrong_kind(desk, view, scanned, "place")
    why_not = _why_not_here(view, head, scanned.location)
    if why_not is not None:
        return refuse(desk, "not_this_location", scanned=scanned.location, expected=why_not)
    done = ListHandedOver(list_id=head.list_id, token=head.token, place=scanned.location, how=How.SCANNED)
    return Reply(desk.ask(Asking.HANDED_OVER, totes=head.totes), facts=(done,), notice=_said(head))


def _why_not_here(view: RecordView, head: PickListRow, code: LocationCode) -> str | None:
    """Where else it must be put down: at the pinned place, or anywhere that totes may stand."""
    place = view.location(code)
    if head.kind is ListKind.ZONE_PARALLEL and head.consolidation is not None:
        return None if code == head.consolidation else head.consolidation
    passes = head.kind is ListKind.ZONE_PASS
    fitting = (LocationKind.STAGING, LocationKind.PACK) if passes else (LocationKind.STAGING,)
    return None if place is not None and place.kind in fitting else "place"


def _said(head: PickListRow) -> Notice:
    if head.kind is ListKind.ZONE_PASS:
        return Notice("passed_on", {"zone": head.to_come[0]}, Tone.DONE)
    if not head.to_come:
        return Notice("order_complete", {"order": head.order_ref}, Tone.DONE)
    return Notice("zones_still_pick", {"count": str(len(head.to_come)), "to_come": _then(head)}, Tone.DONE)
