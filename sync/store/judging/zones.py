"""Judging who picks in which zone, and work that is claimed by the scan of its tote."""

from __future__ import annotations

from sqlalchemy import select, update

from sync.record.facts import ClaimedTote, Stamp, Verdict, ZoneChosen
from sync.record.ids import WorkerId, ZoneId
from sync.record.rows import ListStatus, Role
from sync.store import tables as t
from sync.store.bench import Bench, RowDict
from sync.store.judging import carts, trips
from sync.store.judging.grants import grant
from sync.store.judging.lines_at_hand import ACCEPTED, accepted, quarantined, refused
from sync.store.unit_of_work import UnitOfWork


def judge(bench: Bench, stamp: Stamp, fact: ZoneChosen | ClaimedTote) -> Verdict:
    match fact:
        case ZoneChosen():
            return _judge_chosen(bench, stamp, fact)
        case ClaimedTote():
            return _judge_claim(bench, stamp, fact)


def zone_of(bench: Bench, worker_id: WorkerId | None) -> ZoneId | None:
    """The zone that a worker picks in, chosen or as a lead has said; None: any."""
    w = t.worker.c
    mine = select(w.zone_id).where(w.site_id == bench.site_id, w.worker_id == worker_id)
    zone_id = bench.work.conn.execute(mine).scalar_one_or_none()
    return None if zone_id is None else ZoneId(zone_id)


def set_zone(work: UnitOfWork, worker_id: WorkerId, zone_id: ZoneId | None) -> bool:
    """The worker picks there from now on; False: there is no such worker."""
    w = t.worker.c
    mine = (w.site_id == work.site_id) & (w.worker_id == worker_id)
    if not work.conn.execute(update(t.worker).where(mine).values(zone_id=zone_id)).rowcount:
        return False
    work.touch("worker", worker_id)
    return True


def _judge_chosen(bench: Bench, stamp: Stamp, fact: ZoneChosen) -> Verdict:
    z = t.zone.c
    known = select(z.zone_id).where(z.site_id == bench.site_id, z.zone_id == fact.zone_id)
    if fact.zone_id is not None and bench.work.conn.execute(known).first() is None:
        return quarantined("unknown-zone")
    if not bench.rules.zone_choice:
        return accepted("lead-decides")
    if stamp.worker_id is None or not set_zone(bench.work, stamp.worker_id, fact.zone_id):
        return quarantined("unknown-worker")
    return ACCEPTED


def _judge_claim(bench: Bench, stamp: Stamp, fact: ClaimedTote) -> Verdict:
    """The next leg of a tote that was passed on, or one's own walk at another terminal; a lead may take anybody's."""
    tote = bench.totes.get(fact.tote)
    if tote is None:
        return refused("unknown-tote")
    pick_list = None if tote["list_id"] is None else bench.lists.get(tote["list_id"])
    if pick_list is None or pick_list["status"] not in (ListStatus.OPEN, ListStatus.HELD):
        return refused("not-work")
    is_free = pick_list["status"] == ListStatus.OPEN
    if not is_free and pick_list["terminal_id"] == stamp.terminal_id:
        bench.lists.change(pick_list, worker_id=stamp.worker_id)
        _take(bench, pick_list, fact)
        return accepted("already-held")
    is_lead = bench.roster.has_role(stamp.worker_id, Role.LEAD)
    if not is_free and stamp.worker_id != pick_list["worker_id"] and not is_lead:
        return refused(f"held-by:{pick_list['terminal_id']}")
    mine, its_zone = zone_of(bench, stamp.worker_id), pick_list["zone_id"]
    if is_free and mine is not None and its_zone not in (None, mine):
        return refused(f"other-zone:{its_zone}")
    for line in bench.lines.where(list_id=pick_list["list_id"]):
        # What was in the hand lies in the tote now: nobody is asked to put it a second time.
        bench.lines.change(line, located=False, put=line["picked"])
    grant(bench, pick_list, stamp.terminal_id, stamp.worker_id)
    _take(bench, pick_list, fact)
    return ACCEPTED


def _take(bench: Bench, pick_list: RowDict, fact: ClaimedTote) -> None:
    """The scan was made at the tote: it is the one in use, and nobody is sent for it."""
    if fact.tote in pick_list["totes"]:
        others = [code for code in pick_list["totes"] if code != fact.tote]
        bench.lists.change(pick_list, totes=[*others, fact.tote], tote_gone=False)
    trips.take_along(bench, pick_list)
    carts.found(bench, pick_list)
    bench.work.touch("pick_list", str(pick_list["list_id"]))
