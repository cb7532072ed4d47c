"""Orders in: importing files, holds and their release."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from sync.store import tables as t
from sync.store.access.auditing import audit
from sync.store.commands.auditing import operator
from sync.store.commands.context import EXIT_REFUSED, StoreContext, fail, pass_context, person, progress, refuse
from sync.store.importers.importing import import_files
from sync.store.importers.profile import ProfileRefused, load_profile
from sync.store.importers.records import FileRefused
from sync.store.importers.report import ImportReport, Outcome
from sync.store.orders.cancelling import Cancelled, cancel_order
from sync.store.orders.holding import OrderRefused, hold_order
from sync.store.orders.intake import HoldRefused, release_hold

SHOWN_REFUSALS = 10


def read_files(paths: Sequence[Path]) -> list[tuple[str, bytes]]:
    try:
        return [(path.name, path.read_bytes()) for path in paths]
    except OSError as error:
        fail(f"{error.filename} cannot be read: {error.strerror}. Nothing was imported; check the path.")


@click.command("import-orders")
@click.option(
    "--profile", "profile_name", required=True, help="A shipped profile (online-retail) or a path to a .toml."
)
@click.option("--dry-run", is_flag=True, help="Say what would become of every row, and write nothing.")
@click.option("--rows", "show_rows", is_flag=True, help="Name every row that is no order line, with its reason.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@pass_context
def import_orders(
    context: StoreContext, profile_name: str, dry_run: bool, show_rows: bool, files: tuple[Path, ...]
) -> None:
    """Import order files. Each file goes in whole or not at all; the same file twice changes nothing."""
    try:
        profile = load_profile(profile_name)
    except ProfileRefused as error:
        fail(str(error))
    contents = read_files(files)
    with context.database() as database, progress("importing", quiet=context.as_json) as step:
        by = operator()
        results = import_files(database, context.site_id, profile, contents, dry_run=dry_run, progress=step, by=by)
    named = list(zip([name for name, _ in contents], results, strict=True))
    answer = {"dry_run": dry_run, "files": [_as_json(name, result, show_rows) for name, result in named]}
    context.answer(answer, "\n".join(_as_text(name, result, dry_run, show_rows) for name, result in named))
    if any(isinstance(result, FileRefused) for result in results):
        raise SystemExit(EXIT_REFUSED)


def _as_json(name: str, result: ImportReport | FileRefused, show_rows: bool) -> dict[str, Any]:
    if isinstance(result, FileRefused):
        return {"name": name, "refused": str(result)}
    answer: dict[str, Any] = {
        "name": name,
        "rows": result.row_count,
        "known_since": result.known_since,
        "outcomes": dict(result.counts),
        "refusals": dict(result.refusals),
        "orders_new": len(result.orders_new),
        "orders_touched": len(result.orders_touched),
        "orders_held": [{"ref": held.ref, "reason": held.reason, "text": held.text} for held in result.orders_held],
    }
    if show_rows:
        answer["row_results"] = list(result.rows)
    return answer


def _as_text(name: str, result: ImportReport | FileRefused, dry_run: bool, show_rows: bool) -> str:
    if isinstance(result, FileRefused):
        return f"{name}: REFUSED, nothing of it was imported. {result}"
    if result.skipped_as_known:
        return f"{name}: the very same file is in since {result.known_since:%Y-%m-%d %H:%M} UTC; nothing was changed"
    counts = ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in result.counts.items() if count)
    would = "would be " if dry_run else ""
    lines = [f"{name}: {result.row_count} rows {would}imported: {counts}"]
    lines.append(f"  {len(result.orders_new)} new orders, {len(result.orders_held)} on hold")
    lines += [f"  {count} refused: {reason}" for reason, count in result.refusals.items()]
    odd = [row for row in result.rows if row.outcome is not Outcome.ORDER_LINE or row.reason]
    shown = odd if show_rows else [row for row in odd if row.outcome is Outcome.REFUSED][:SHOWN_REFUSALS]
    lines += [f"  line {row.line} ({row.ref} {row.item}): {row.outcome}: {row.text}" for row in shown]
    if not show_rows and len(odd) > len(shown):
        lines.append("  ... --rows names every row that is no plain order line")
    return "\n".join(lines)


@click.command("holds")
@pass_context
def holds(context: StoreContext) -> None:
    """Orders on hold, each with its reason."""
    h, o = t.order_hold.c, t.orders.c
    with context.database() as database, database.read() as conn:
        context.need_site(conn, built=False)
        rows = conn.execute(
            select(o.order_ref, h.reason, h.text, h.raised_at)
            .join(t.orders, (o.site_id == h.site_id) & (o.order_id == h.order_id))
            .where(h.site_id == context.site_id, h.released_at.is_(None))
            .order_by(o.order_id, h.reason)
        ).mappings()
        found = [dict(row) for row in rows]
    text = "\n".join(f"{hold['order_ref']}  {hold['reason']}: {hold['text']}" for hold in found)
    context.answer(found, text or "No order is on hold.")


@click.command("hold")
@click.argument("order_ref")
@click.option("--reason", required=True, callback=person, help="Why it must wait: it stands in the record.")
@click.option("--by", required=True, callback=person, help="Who decides: it stands in the record.")
@pass_context
def hold_command(context: StoreContext, order_ref: str, reason: str, by: str) -> None:
    """Hold an order: nothing more is reserved, released or packed of it, until release-hold ORDER_REF by-hand."""
    with context.database() as database:
        try:
            with database.write(context.site_id) as work:
                context.need_site(work.conn, built=False)
                done = hold_order(work, order_ref, reason=reason, by=by)
        except OrderRefused as error:
            refuse(str(error))
    lines = [f"{order_ref}: on hold by {by}, {done.pieces_freed} pieces are free for others"]
    if done.lists_walked:
        walked = ", ".join(map(str, done.lists_walked))
        lines.append(f"  pick list {walked} is in a picker's hands: it is picked to the end and stopped at packing")
    context.answer(done, "\n".join(lines))


@click.command("cancel")
@click.argument("order_ref")
@click.option("--line", "line_no", type=click.IntRange(min=1), help="Only this line of the order.")
@click.option("--quantity", type=click.IntRange(min=1), help="Only so many pieces of the line.")
@click.option("--by", required=True, callback=person, help="Who decides: it stands in the record.")
@pass_context
def cancel_command(context: StoreContext, order_ref: str, line_no: int | None, quantity: int | None, by: str) -> None:
    """Cancel an order, or pieces of one of its lines. What is picked already is to be put back."""
    if quantity is not None and line_no is None:
        raise click.UsageError("--quantity is of a line: give --line too")
    with context.database() as database:
        try:
            with database.write(context.site_id) as work:
                context.need_site(work.conn, built=False)
                done = cancel_order(work, order_ref, by=by, line_no=line_no, quantity=quantity)
        except OrderRefused as error:
            refuse(str(error))
    context.answer(done, _cancelled_text(done, by))


def _cancelled_text(done: Cancelled, by: str) -> str:
    what = "cancelled" if done.whole else "reduced"
    lines = [f"{done.order_ref}: {what} by {by}, {done.pieces} pieces that nobody had picked"]
    if done.to_put_back:
        lines.append(f"  {done.to_put_back} pieces are picked: they are to be put back (floor store discrepancies)")
    lines += [f"  carton {sscc} is closed: keep it here and open it" for sscc in done.cartons]
    return "\n".join(lines)


@click.command("release-hold")
@click.argument("order_ref")
@click.argument("reason")
@click.option("--by", required=True, callback=person, help="Who decides: it stands in the record.")
@pass_context
def release_hold_command(context: StoreContext, order_ref: str, reason: str, by: str) -> None:
    """Let an order go that is on hold for REASON."""
    with context.database() as database:
        try:
            with database.write(context.site_id) as work:
                release_hold(work, order_ref, reason, by)
                audit(work, by, "release-hold", order_ref, reason=reason)
        except HoldRefused as error:
            refuse(str(error))
    context.answer({"order": order_ref, "released": reason, "by": by}, f"{order_ref}: hold {reason} released by {by}")
