"""The whole conversation with the worker: who is signed in, what they do, which prompt stands.

Pure: `answer` maps a state, the record and one input to the next state, the facts to be recorded first, and what is
said; `prompt` says what is asked. After a restart `resume` finds the activity again from the record.
"""

from __future__ import annotations

from dataclasses import replace

from floor.work.cycle_count import CountStep, answer_count, claim_count_if_any, count_prompt, count_step
from floor.work.lists_ahead import beside_the_walk, taken_away, with_banner, with_walk
from floor.work.pack import answer_pack, pack_prompt, packing_at
from floor.work.pack_label import label_done, label_impossible, lease_if_low
from floor.work.pick_prompt import pick_prompt
from floor.work.pick_steps import PickStep, step_of
from floor.work.piece_pick import answer_pick, claim_if_idle
from floor.work.prompt import Changed, Input, Key, LabelDone, LabelImpossible, Notice, Pressed, Prompt, Scan, Tone
from floor.work.put_wall import answer_wall, sort_taken, wall_prompt, with_sorting
from floor.work.reply import Activity, Asking, Desk, Reply, Tell, say
from floor.work.sign_in import answer_menu, answer_sign_in, kept_by_another, may_do, menu_prompt, sign_in_prompt
from floor.work.view import Answered, RecordView
from floor.work.zero_check import answer_zero, with_zero_check, zero_prompt
from floor.work.zone_pick import with_zone
from sync.record.codes.scanned import CommandScan, ItemScan, read_code
from sync.record.facts import ClaimedCount, ClaimedList, ClaimedSort, ClaimedTote

BOUNCE_MS = 500
COMMANDS = {key.value.upper(): key for key in Key if key is not Key.ERASE}
"""What the command cards say: ``UNDO``, ``PROBLEM`` ..."""


def resume(view: RecordView) -> Desk:
    """The state after a start: the work in hand, else the menu."""
    worker_id = view.signed_in()
    if worker_id is None:
        return Desk()
    if view.packing_in_hand() is not None:
        return Desk(activity=Activity.PACK)
    worker = view.worker(worker_id)
    if view.sorting_in_hand() is not None and (worker is None or may_do(worker, Activity.SORT)):
        return Desk(activity=Activity.SORT)
    if kept_by_another(view, worker) is not None:
        return Desk(asking=Asking.TAKE_OVER)
    count = view.count_in_hand()
    may_count = worker is None or may_do(worker, Activity.COUNT)
    if count is not None and count.finds and may_count:
        return Desk(activity=Activity.COUNT)
    if (view.held_walk() is not None or view.claim_pending()) and (worker is None or may_do(worker, Activity.PICK)):
        return Desk(activity=Activity.PICK)
    return Desk(activity=Activity.COUNT) if count is not None and may_count else Desk()


def prompt(desk: Desk, view: RecordView) -> Prompt:
    worker_id = view.signed_in()
    if worker_id is None:
        return sign_in_prompt(desk, view)
    if desk.asking in (Asking.ZERO, Asking.ZERO_LEFT):
        return zero_prompt(desk, view)
    match desk.activity:
        case Activity.MENU:
            return menu_prompt(desk, view, view.worker(worker_id))
        case Activity.PICK:
            return pick_prompt(desk, view)
        case Activity.PACK:
            return pack_prompt(desk, view)
        case Activity.SORT:
            return wall_prompt(desk, view)
        case Activity.COUNT:
            return count_prompt(desk, view)


def answer(desk: Desk, view: RecordView, given: Input) -> Reply:
    reply = with_zone(with_banner(with_walk(with_zero_check(_answer(desk, view, given), view), view), view), view)
    return with_sorting(reply, view)


def _answer(desk: Desk, view: RecordView, given: Input) -> Reply:
    if isinstance(given, Scan):
        if _is_bounce(desk, view, given):
            return say(replace(desk, last_scan_ms=given.at_ms), "bounce", Tone.BOUNCE)
        if given.text != desk.last_scan:
            desk = replace(desk, warned=())  # a different scan never confirms a warning
        desk = replace(desk, last_scan=given.text, last_scan_ms=given.at_ms)
        scanned = read_code(given.text, given.symbology)
        if isinstance(scanned, CommandScan) and scanned.command in COMMANDS:
            given = Pressed(COMMANDS[scanned.command])
    if isinstance(given, Changed):
        news = _news(desk, view)
        if news is not None:
            return news
        beside = beside_the_walk(desk, view)
        if beside.facts:
            return beside
    return _dispatch(desk, view, given)


def _dispatch(desk: Desk, view: RecordView, given: Input) -> Reply:  # noqa: C901 - a table: a row for each activity
    if isinstance(given, LabelDone):
        return label_done(desk, packing_at(desk, view), given)
    if isinstance(given, LabelImpossible):
        return label_impossible(desk, given)
    worker_id = view.signed_in()
    if worker_id is None:
        return answer_sign_in(desk, view, given)
    if desk.asking in (Asking.ZERO, Asking.ZERO_LEFT):
        return answer_zero(desk, view, given)
    match desk.activity:
        case Activity.MENU:
            reply = answer_menu(desk, view, view.worker(worker_id), given)
            if reply.desk.activity is Activity.PICK and not reply.facts:
                return claim_if_idle(reply.desk, view)
            if reply.desk.activity is Activity.PACK:
                return replace(reply, facts=lease_if_low(view))
            if reply.desk.activity is Activity.COUNT:
                return replace(reply, facts=claim_count_if_any(reply.desk, view))
            return reply
        case Activity.PICK:
            return answer_pick(desk, view, given)
        case Activity.PACK:
            return answer_pack(desk, view, given)
        case Activity.SORT:
            return answer_wall(desk, view, given)
        case Activity.COUNT:
            return answer_count(desk, view, given)


def _is_bounce(desk: Desk, view: RecordView, scan: Scan) -> bool:
    """The same code again within half a second is the scanner's, unless it can be a second piece."""
    if scan.text != desk.last_scan or scan.at_ms - desk.last_scan_ms >= BOUNCE_MS:
        return False
    scanned = read_code(scan.text, scan.symbology)
    may_be_another_piece = isinstance(scanned, ItemScan) and scanned.serial is None
    return bool(desk.warned) or not (may_be_another_piece and counts_pieces(desk, view))


def counts_pieces(desk: Desk, view: RecordView) -> bool:
    """Whether two quick scans of the same code are two pieces at this step."""
    if view.signed_in() is None or desk.asking is not None:
        return False
    if desk.activity is Activity.PICK:
        return step_of(view) is PickStep.PICK
    if desk.activity is Activity.SORT:
        return prompt(desk, view).step in ("sort_item", "sort_put")
    if desk.activity is Activity.COUNT:
        return count_step(desk, view) is CountStep.FIND
    return desk.activity is Activity.PACK and prompt(desk, view).step == "pack_piece"


def _news(desk: Desk, view: RecordView) -> Reply | None:
    """What the store said to earlier facts, and what a crash left unanswered: told once, one after another."""
    lost = view.unanswered_scans()
    if lost:
        notice = Notice("unanswered_scans", {"count": str(len(lost)), "codes": " ".join(lost)}, Tone.ERROR)
        return Reply(desk, notice=notice, effect=Tell((), unanswered_scans=True))
    gone = taken_away(desk, view) or sort_taken(desk, view)
    if gone is not None:
        return Reply(desk.plain(), notice=gone)
    waiting = view.to_tell()
    if not waiting:
        return None
    loud = next((told for told in waiting if not _is_nobodys_concern(told, view)), None)
    told = [told for told in waiting if told is loud or _is_nobodys_concern(told, view)]
    said = None if loud is None else _verdict_notice(loud)
    return Reply(desk, notice=said, effect=Tell(tuple(one.event_id for one in told)))


def _is_nobodys_concern(told: Answered, view: RecordView) -> bool:
    """A claim in advance that came to nothing: who has a list in the hand goes on with it."""
    return isinstance(told.fact, ClaimedList) and view.held_walk() is not None


def _verdict_notice(told: Answered) -> Notice:
    kind, _, reason = told.verdict.partition(":")
    if isinstance(told.fact, ClaimedList | ClaimedCount):
        return Notice("claim_refused", {"reason": reason}, Tone.WARNING)
    if isinstance(told.fact, ClaimedSort):
        return Notice("sort_refused", {"tote": told.fact.tote, "reason": reason}, Tone.WARNING)
    if isinstance(told.fact, ClaimedTote):
        return Notice("tote_refused", {"tote": told.fact.tote, "reason": reason}, Tone.WARNING)
    what = told.fact.kind.partition("@")[0]
    quiet = kind == "accepted"
    return Notice("verdict", {"kind": kind, "reason": reason, "what": what}, Tone.QUIET if quiet else Tone.ERROR)
