"""Order files into the record: a file goes in whole, in one transaction, or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy import select

from sync.record.ids import OrderId, SiteId
from sync.store.access.auditing import audit
from sync.store.database import Database
from sync.store.importers.known_orders import earlier_rows, known_orders
from sync.store.importers.order_rows import OrderRow, RowReader, Unreadable
from sync.store.importers.profile import Profile
from sync.store.importers.records import FileRefused, read_sheet
from sync.store.importers.report import HeldOrder, ImportReport, RowResult
from sync.store.importers.sorting import Sorter, Verdict
from sync.store.importers.writing import demand_digest, write_orders, write_rows
from sync.store.orders.intake import in_parts, judge_orders, revalidate
from sync.store.tables import counter, order_hold, orders
from sync.store.tables import import_file as file_table
from sync.store.unit_of_work import UnitOfWork

BY_IMPORT = "import"
"""Who stands in the audit trail where nobody was named."""
Progress = Callable[[int, int], None]
"""Told how many rows of how many are done."""


def import_file(
    work: UnitOfWork,
    profile: Profile,
    name: str,
    data: bytes,
    progress: Progress | None = None,
    *,
    by: str = BY_IMPORT,
) -> ImportReport:
    """Import one file of orders and put on hold what cannot go as it is. The caller commits, or rolls back for a trial.

    Args:
        name: how the file is called in reports and in the record.
        data: the file's bytes.
        by: who brings it; it stands in the audit trail.

    Raises:
        FileRefused: the file as a whole cannot be used; nothing was written.
    """
    sheet = read_sheet(profile, name, data)
    digest = hashlib.sha256(data).hexdigest()
    _one_at_a_time(work)
    known_since = _known_since(work, profile, digest)
    count = len(sheet.records)
    if known_since is not None:
        return ImportReport(name=name, profile=profile.name, sha256=digest, row_count=count, known_since=known_since)
    reader = RowReader(profile, sheet)
    rows = [reader.read(record) for record in sheet.records]
    readable = [row for row in rows if isinstance(row, OrderRow)]
    known = known_orders(work, profile, readable)
    # What ended by itself before this file is told apart from what the file ends.
    revalidate(work, [OrderId(order.order_id) for order in known.values() if order.order_id is not None])
    sorter = Sorter(profile, known, earlier_rows(work, profile, {row.ref for row in readable}))
    verdicts = _sort(sorter, rows, progress)
    orders_new = tuple(order.ref for order in sorter.touched.values() if order.order_id is None)
    write_orders(work, profile, sorter)
    touched = [OrderId(order.order_id) for order in sorter.touched.values() if order.order_id is not None]
    judge_orders(work, touched, address_wanted=profile.addresses)
    import_id = write_rows(work, profile, name, digest, verdicts)
    _audit(work, by, name, import_id, sorter)
    return ImportReport(
        name=name,
        profile=profile.name,
        sha256=digest,
        row_count=count,
        rows=tuple(map(_result, verdicts)),
        orders_new=orders_new,
        orders_touched=tuple(sorter.touched),
        orders_held=_held(work, touched),
    )


def _audit(work: UnitOfWork, by: str, name: str, import_id: int, sorter: Sorter) -> None:
    """What came in stands in the chained trail, so that nobody changes an order unseen afterwards."""
    taken_back = [line for order in sorter.touched.values() for line in order.lines if line.taken_back]
    cancelled = sorted((line.order_line_id or 0, line.taken_back) for line in taken_back)
    said = {"import_id": import_id, "lines": len(sorter.new_lines), "demand": demand_digest(sorter.new_lines)}
    audit(work, by, "import", name, **said, cancelled=cancelled)


class _Trial(Exception):
    """Ends a trial's transaction without writing."""


def import_files(
    database: Database,
    site_id: SiteId,
    profile: Profile,
    files: Sequence[tuple[str, bytes]],
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
    by: str = BY_IMPORT,
) -> list[ImportReport | FileRefused]:
    """Import files one after the other, each in a transaction of its own; a refused one does not stop the others.

    With ``dry_run`` the reports are the very same and nothing is written.

    Returns:
        For each file its report, or why the whole of it was refused.
    """
    results: list[ImportReport | FileRefused] = []
    if not dry_run:
        for name, data in files:
            with database.write(site_id) as work:
                results.append(_tried(work, profile, name, data, progress, by))
        return results
    with suppress(_Trial), database.write(site_id) as work:
        results.extend(_tried(work, profile, name, data, progress, by) for name, data in files)
        raise _Trial
    return results


def _tried(
    work: UnitOfWork, profile: Profile, name: str, data: bytes, progress: Progress | None, by: str
) -> ImportReport | FileRefused:
    try:
        return import_file(work, profile, name, data, progress, by=by)
    except FileRefused as refused:
        return refused


def _one_at_a_time(work: UnitOfWork) -> None:
    """Two imports at once would each take the other's rows for new: the second waits for the first."""
    numbers = {"name": "import", "value": 0}
    work.upsert(counter, [numbers], update_columns=())
    work.conn.execute(
        select(counter.c.value)
        .where(counter.c.site_id == work.site_id, counter.c.name == numbers["name"])
        .with_for_update()
    )


def _known_since(work: UnitOfWork, profile: Profile, digest: str) -> datetime | None:
    return work.conn.execute(
        select(file_table.c.imported_at).where(
            file_table.c.site_id == work.site_id,
            file_table.c.profile == profile.name,
            file_table.c.sha256 == digest,
        )
    ).scalar_one_or_none()


def _sort(sorter: Sorter, rows: Sequence[OrderRow | Unreadable], progress: Progress | None) -> list[Verdict]:
    verdicts: list[Verdict] = []
    for done, row in enumerate(rows, start=1):
        verdicts.append(sorter.sort(row))
        if progress is not None and (done % 500 == 0 or done == len(rows)):
            progress(done, len(rows))
    return verdicts


def _result(verdict: Verdict) -> RowResult:
    record = verdict.row.record
    return RowResult(
        row_no=record.row_no,
        line=record.line,
        ref=verdict.row.ref,
        item=verdict.row.item_id if isinstance(verdict.row, OrderRow) else "",
        outcome=verdict.outcome,
        reason=verdict.reason,
        text=verdict.text,
    )


def _held(work: UnitOfWork, order_ids: Sequence[OrderId]) -> tuple[HeldOrder, ...]:
    return tuple(
        HeldOrder(row.order_ref, row.reason, row.text)
        for some in in_parts(sorted(order_ids))
        for row in work.conn.execute(
            select(orders.c.order_ref, order_hold.c.reason, order_hold.c.text)
            .join_from(
                order_hold,
                orders,
                (orders.c.site_id == order_hold.c.site_id) & (orders.c.order_id == order_hold.c.order_id),
            )
            .where(
                order_hold.c.site_id == work.site_id,
                order_hold.c.order_id.in_(some),
                order_hold.c.released_at.is_(None),
            )
            .order_by(order_hold.c.order_id, order_hold.c.reason)
        )
    )
