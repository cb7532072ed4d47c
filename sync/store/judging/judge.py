"""One verdict for each entry of a ledger: which rule judges which fact."""

from __future__ import annotations

from sync.record.facts import (
    INTENTS,
    CartonClosed,
    CartToteBound,
    ClaimedCount,
    ClaimedList,
    ClaimedSort,
    ClaimedSsccs,
    ClaimedTote,
    Counted,
    CountEnded,
    Entry,
    LabelProven,
    LabelRefused,
    LabelSent,
    LineShorted,
    LineSkipped,
    ListHandedOver,
    LocationConfirmed,
    LocationReported,
    OrderHandedOver,
    PackReported,
    Picked,
    PieceVerified,
    PutBack,
    PutInCubby,
    PutInTote,
    ReleasedCount,
    ReleasedList,
    ReleasedSort,
    ReportedEmpty,
    SignedIn,
    SignedOut,
    SortReported,
    SsccAssigned,
    Stamp,
    ToteBound,
    Undone,
    Verdict,
    VerdictKind,
    ZeroChecked,
    ZoneChosen,
)
from sync.record.ids import TerminalId, WorkerId
from sync.store.bench import Bench
from sync.store.judging import (
    carts,
    counting,
    lines,
    lists,
    packing,
    put_back,
    putting,
    shorts,
    sorting,
    trips,
    undo,
    zones,
)
from sync.store.judging.lines_at_hand import ACCEPTED, NOT_ALLOWED, discrepancy, quarantined, refused

MOST_PIECES = 100_000
"""No fact speaks of more: a number beyond it is a barcode that ran into a quantity."""


def judge(bench: Bench, entry: Entry) -> Verdict:
    """Apply one fact and say what became of it. Only the database may raise: facts never do."""
    quantity = getattr(entry.fact, "quantity", 1)
    if not 0 < quantity <= MOST_PIECES:
        return quarantined("quantity")
    why_not = bench.roster.why_not(entry.stamp.worker_id, entry.fact.kind)
    if why_not is None:
        return _applied(bench, entry)
    _tell_of_worker(bench, entry.stamp, why_not)
    if entry.fact.kind in INTENTS:
        return refused(NOT_ALLOWED)
    verdict = _applied(bench, entry)
    return discrepancy(NOT_ALLOWED) if verdict.kind is VerdictKind.ACCEPTED else verdict


def _tell_of_worker(bench: Bench, stamp: Stamp, why_not: str) -> None:
    """What was done is done; a lead hears once of a batch who did it."""
    about = (stamp.terminal_id, stamp.worker_id, why_not)
    if about in bench.told_of_workers:
        return
    bench.told_of_workers.add(about)
    bench.discrepancy(
        f"{stamp.event_id}.who",
        NOT_ALLOWED,
        f"{stamp.terminal_id} delivered what somebody did who may not: {why_not}. It counts; find out who it was",
        terminal_id=stamp.terminal_id,
        worker_id=stamp.worker_id,
    )


def _applied(bench: Bench, entry: Entry) -> Verdict:
    verdict = _judged(bench, entry)
    trips.settle_changed(bench)
    return verdict


def _judged(bench: Bench, entry: Entry) -> Verdict:  # noqa: C901 - a table: one row for each kind of fact
    stamp = entry.stamp
    match entry.fact:
        case SignedIn():
            return _signed(bench, stamp.terminal_id, stamp.worker_id)
        case SignedOut():
            return _signed(bench, stamp.terminal_id, None)
        case Picked() as fact:
            return lines.judge_picked(bench, stamp, fact)
        case LocationConfirmed() as fact:
            return lines.judge_located(bench, fact)
        case PutInTote() as fact:
            return putting.judge_put(bench, stamp, fact)
        case LineSkipped() as fact:
            return lines.judge_skipped(bench, fact)
        case LineShorted() as fact:
            return shorts.judge_shorted(bench, stamp, fact)
        case ReportedEmpty() | LocationReported() as fact:
            return shorts.judge_reported(bench, stamp, fact)
        case Undone() as fact:
            return undo.judge_undone(bench, stamp, fact)
        case ClaimedList() as fact:
            return lists.judge_claim(bench, stamp, fact)
        case ReleasedList() as fact:
            return lists.judge_release(bench, stamp, fact)
        case ToteBound() as fact:
            return lists.judge_tote_bound(bench, stamp, fact)
        case ListHandedOver() as fact:
            return lists.judge_handed_over(bench, stamp, fact)
        case ClaimedSsccs() as fact:
            return lists.judge_sscc_claim(bench, stamp, fact)
        case (
            PieceVerified()
            | PackReported()
            | SsccAssigned()
            | LabelSent()
            | LabelProven()
            | CartonClosed()
            | PutBack()
            | LabelRefused()
        ) as fact:
            return _packed(bench, stamp, fact)
        case ZoneChosen() | ClaimedTote() as fact:
            return zones.judge(bench, stamp, fact)
        case CartToteBound() | OrderHandedOver() as fact:
            return carts.judge(bench, stamp, fact)
        case ClaimedSort() | PutInCubby() | SortReported() | ReleasedSort() as fact:
            return sorting.judge(bench, stamp, fact)
        case ClaimedCount() | ZeroChecked() | Counted() | CountEnded() | ReleasedCount() as fact:
            return counting.judge(bench, stamp, fact)


def _packed(
    bench: Bench,
    stamp: Stamp,
    fact: PieceVerified | PackReported | SsccAssigned | LabelSent | LabelProven | CartonClosed | PutBack | LabelRefused,
) -> Verdict:
    match fact:
        case PieceVerified():
            return packing.judge_verified(bench, stamp, fact)
        case PackReported():
            return packing.judge_reported(bench, stamp, fact)
        case SsccAssigned():
            return packing.judge_sscc_assigned(bench, stamp, fact)
        case LabelSent():
            return packing.judge_label_sent(bench, fact)
        case LabelProven():
            return packing.judge_label_proven(bench, fact)
        case CartonClosed():
            return packing.judge_closed(bench, stamp, fact)
        case PutBack():
            return put_back.judge_put_back(bench, stamp, fact)
        case LabelRefused():
            return packing.judge_label_refused(bench, stamp, fact)


def _signed(bench: Bench, terminal_id: TerminalId, worker_id: WorkerId | None) -> Verdict:
    terminal = bench.terminals.get(terminal_id)
    if terminal is not None:
        bench.terminals.change(terminal, worker_id=worker_id)
    return ACCEPTED
