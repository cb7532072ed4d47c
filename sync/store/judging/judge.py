"""One verdict for each entry of a ledger: which rule judges which fact."""

from __future__ import annotations

from sync.record.facts import (
    CartonClosed,
    ClaimedList,
    ClaimedSsccs,
    Entry,
    LabelProven,
    LabelSent,
    LineShorted,
    LineSkipped,
    ListHandedOver,
    LocationConfirmed,
    PackReported,
    Picked,
    PieceVerified,
    PutInTote,
    ReleasedList,
    ReportedEmpty,
    SignedIn,
    SignedOut,
    SsccAssigned,
    ToteBound,
    Undone,
    Verdict,
)
from sync.record.ids import TerminalId, WorkerId
from sync.store.bench import Bench
from sync.store.judging import lines, lists, packing, putting, shorts, undo
from sync.store.judging.lines_at_hand import ACCEPTED, quarantined

MOST_PIECES = 100_000
"""No fact speaks of more: a number beyond it is a barcode that ran into a quantity."""


def judge(bench: Bench, entry: Entry) -> Verdict:  # noqa: C901 - a table: one row for each kind of fact
    """Apply one fact and say what became of it. Only the database may raise: facts never do."""
    stamp = entry.stamp
    quantity = getattr(entry.fact, "quantity", 1)
    if not 0 < quantity <= MOST_PIECES:
        return quarantined("quantity")
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
        case ReportedEmpty() as fact:
            return shorts.judge_reported_empty(bench, stamp, fact)
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
        case PieceVerified() as fact:
            return packing.judge_verified(bench, stamp, fact)
        case PackReported() as fact:
            return packing.judge_reported(bench, stamp, fact)
        case SsccAssigned() as fact:
            return packing.judge_sscc_assigned(bench, fact)
        case LabelSent() as fact:
            return packing.judge_label_sent(bench, fact)
        case LabelProven() as fact:
            return packing.judge_label_proven(bench, fact)
        case CartonClosed() as fact:
            return packing.judge_closed(bench, stamp, fact)


def _signed(bench: Bench, terminal_id: TerminalId, worker_id: WorkerId | None) -> Verdict:
    terminal = bench.terminals.get(terminal_id)
    if terminal is not None:
        bench.terminals.change(terminal, worker_id=worker_id)
    return ACCEPTED
