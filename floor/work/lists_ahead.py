"""Lists in hand besides the one that is walked: claimed in advance, given back, moved or taken away by a lead."""

from __future__ import annotations

from dataclasses import replace

from floor.work.pick_steps import PickStep, step_of
from floor.work.prompt import Input, Key, Notice, Pressed, Prompt, Scan, Tone
from floor.work.reply import Activity, Desk, Reply
from floor.work.scan_check import wrong_kind
from floor.work.view import RecordView
from sync.record.codes.scanned import read_code
from sync.record.facts import ClaimedList, Fact, ListHandedOver, ReleasedList
from sync.record.ids import PickListId
from sync.record.picking import Walk, has_tote
from sync.record.rows import ListKind, ListStatus, PickListRow


def in_words(heads: tuple[PickListRow, ...]) -> str:
    """How many there are; empty where there are none."""
    return str(len(heads)) if heads else ""


def given_back(*heads: PickListRow) -> tuple[ReleasedList, ...]:
    return tuple(ReleasedList(list_id=head.list_id, token=head.token) for head in heads)


def is_begun(walk: Walk) -> bool:
    """Something of it was done: it is a question whose it stays."""
    return has_begun_tote(walk.head) or any(
        line.picked or line.shorted or line.located or line.passes for line in walk.lines
    )


def has_begun_tote(head: PickListRow) -> bool:
    """A tote is bound; one that another zone has passed on and nobody has taken yet is none."""
    return has_tote(head) if head.kind is ListKind.ZONE_PASS else bool(head.totes)


def beside_the_walk(desk: Desk, view: RecordView) -> Reply:
    """What is done without asking when the record has changed: give up what is others' now, take work in advance.

    A moved list that somebody is walking is left by a key at the next stop, because a tote has to be put down.
    """
    held = view.held_lists()
    if view.signed_in() is None:
        left = [head for head in held if head.moving or (view.is_online() and _waits_for_nobody(head, view))]
    else:
        left = [head for head in held[1:] if head.moving]
    seen = (len(held), view.open_list_count())
    if left or not _wants_more(desk, view, held) or seen == desk.ahead_seen:
        return Reply(desk, facts=given_back(*left))
    return Reply(replace(desk, ahead_seen=seen), facts=(ClaimedList(list_id=None),))


def _waits_for_nobody(head: PickListRow, view: RecordView) -> bool:
    """Claimed by somebody who has left without beginning it; what a lead has sent here waits for who comes."""
    walk = view.held_walk()
    begun = walk is not None and walk.head.list_id == head.list_id and is_begun(walk)
    return head.worker_id is not None and not has_begun_tote(head) and not begun


def _wants_more(desk: Desk, view: RecordView, held: tuple[PickListRow, ...]) -> bool:
    """A terminal that is in contact and walks a list holds as many more as the site says."""
    site = view.site()
    walks = desk.activity is Activity.PICK and view.signed_in() is not None and bool(held)
    has_room = site is not None and len(held) <= site.lists_ahead and view.open_list_count() > 0
    return walks and has_room and view.is_online() and not view.claim_pending()


def moved_prompt(walk: Walk) -> Prompt:
    values = {
        "order": walk.head.order_ref,
        "tote": walk.head.totes[-1] if walk.head.totes else "",
        "to": walk.head.move_to or "",
    }
    step = "batch_moved" if walk.head.kind is ListKind.BATCH else PickStep.MOVED
    return Prompt(step, values, keys=(Key.ENTER, Key.HELP, Key.BACK))


def answer_moved(desk: Desk, view: RecordView, walk: Walk, given: Input) -> Reply:
    match given:
        case Pressed(Key.ENTER):
            notice = Notice("list_left", {"order": walk.head.order_ref}, Tone.DONE)
            return Reply(desk.plain(), facts=given_back(walk.head), notice=notice)
        case Pressed(Key.BACK):
            return Reply(desk.plain(activity=Activity.MENU))
        case Scan(text, symbology):
            return wrong_kind(desk, view, read_code(text, symbology), "enter")
        case _:
            return Reply(desk)


def taken_away(desk: Desk, view: RecordView) -> Notice | None:
    """The list that was in the hand is not there any more, and not by anything done here."""
    walk = view.held_walk()
    if desk.walking is None or (walk is not None and walk.head.list_id == desk.walking):
        return None
    head = view.pick_list(desk.walking)
    if head is not None and head.status is ListStatus.HELD and head.terminal_id == view.terminal_id():
        return None  # a more urgent one came before it
    order = "" if head is None else head.order_ref
    if head is not None and head.status is ListStatus.CANCELLED:
        return Notice("list_cancelled", {"order": order}, Tone.ERROR)
    who = None if head is None else head.terminal_id
    return Notice("list_taken", {"order": order, "what": who or "pool"}, Tone.ERROR)


def with_walk(reply: Reply, view: RecordView) -> Reply:
    """The desk remembers which list is in the hand, to notice when somebody takes it away."""
    left = any(isinstance(fact, ListHandedOver | ReleasedList) for fact in reply.facts)
    return replace(reply, desk=replace(reply.desk, walking=None if left else _walked(reply.desk, view)))


def _walked(desk: Desk, view: RecordView) -> PickListId | None:
    walk = view.held_walk()
    at_it = desk.activity is Activity.PICK and step_of(view) not in (PickStep.WAITING, PickStep.NO_WORK)
    return walk.head.list_id if walk is not None and at_it else None


def with_banner(reply: Reply, view: RecordView) -> Reply:
    """Once, and in nobody's way: without contact for so long the work may have been given to somebody else."""
    if not view.lease_is_over():
        return replace(reply, desk=replace(reply.desk, lease_told=False)) if reply.desk.lease_told else reply
    if reply.desk.lease_told or reply.notice is not None or not view.held_lists():
        return reply
    site = view.site()
    minutes = "" if site is None else str(site.lease_min)
    notice = Notice("lease_over", {"minutes": minutes}, Tone.WARNING)
    return replace(reply, desk=replace(reply.desk, lease_told=True), notice=notice)


def sign_off_facts(view: RecordView, *, keep: bool) -> tuple[Fact, ...]:
    """What goes back when the worker leaves: the list in hand unless they ``keep`` it, and what waits behind it.

    Without a link nobody would hear of it: what waits is there for the next one at this terminal.
    """
    held = view.held_lists()
    waiting = held[1:] if view.is_online() else ()
    return given_back(*(() if keep else held[:1]), *waiting)
