"""The day's work: release, ship, report, reconcile."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from sync.store.access.auditing import audit
from sync.store.commands.auditing import operator
from sync.store.commands.context import EXIT_REFUSED, StoreContext, pass_context, progress
from sync.store.leading.reconciling import Reconciliation, reconcile
from sync.store.leading.reporting import Report, report
from sync.store.orders.allocating import AllocationReport, allocate
from sync.store.orders.explaining import Waits, not_released
from sync.store.orders.intake import revalidate
from sync.store.orders.releasing import Decision, ReleaseReport, release
from sync.store.orders.shipping import ship


@click.command("release")
@click.option("--limit", type=click.IntRange(min=1), help="At most this many orders, the most urgent first.")
@click.option("--explain", is_flag=True, help="Name every order: its way of picking and why, or why it waits.")
@pass_context
def release_command(context: StoreContext, limit: int | None, explain: bool) -> None:
    """Reserve stock for open orders and release pick lists for what is reserved, by the rules of the site's waves."""
    with (
        context.database() as database,
        progress("releasing", quiet=context.as_json) as step,
        database.write(context.site_id) as work,
    ):
        context.need_site(work.conn)
        freed = revalidate(work)
        reserved = allocate(work, progress=step)
        released = release(work, limit=limit, progress=step)
        audit(work, operator(), "release", context.site_id, lists=len(released.lists), pieces=released.pieces)
        waits = not_released(work.conn, context.site_id) if explain else []
    answer: dict[str, Any] = {
        "holds_released": len(freed),
        "allocation": msgspec.to_builtins(reserved),
        "release": msgspec.to_builtins(released),
    }
    text = _release_text(reserved, released)
    if explain:
        answer["waits"] = msgspec.to_builtins(waits)
        text = "\n".join([*map(_decision_text, released.decisions), *map(_waits_text, waits), text])
    else:
        del answer["release"]["decisions"]
    context.answer(answer, text)


def _decision_text(one: Decision) -> str:
    """``536365  batch, list 12, position 3: rule 'small orders': 2 lines (at most 12)``."""
    if one.way is None:
        return f"{one.order_ref}  stays: {one.why}"
    lists = ("list " if len(one.lists) == 1 else "lists ") + ", ".join(map(str, one.lists))
    position = "" if one.position is None else f", position {one.position}"
    return f"{one.order_ref}  {str(one.way).replace('_', ' ')}, {lists}{position}: {one.why}"


def _waits_text(one: Waits) -> str:
    return f"{one.order_ref}  waits: {one.why}"


def _release_text(reserved: AllocationReport, released: ReleaseReport) -> str:
    short = reserved.pieces_wanted - reserved.pieces_reserved
    went = (
        f"released {len(released.lists)} pick lists: {released.orders} orders, {released.lines} lines, "
        f"{released.pieces} pieces, {released.waves} waves"
    )
    lines = [
        f"reserved {reserved.pieces_reserved} of {reserved.pieces_wanted} pieces for {reserved.orders} orders",
        went,
    ]
    if short:
        lines.append(f"back-ordered: {short} pieces on {len(reserved.back_orders)} lines wait for stock")
    return "\n".join(lines)


@click.command("ship")
@click.option("--service", help="Only cartons of this carrier service.")
@pass_context
def ship_command(context: StoreContext, service: str | None) -> None:
    """The carrier has taken the closed cartons: post them as shipped."""
    with context.database() as database, database.write(context.site_id) as work:
        context.need_site(work.conn)
        done = ship(work, service)
        audit(work, operator(), "ship", service or context.site_id, cartons=done.cartons, pieces=done.pieces)
    text = f"shipped {done.cartons} cartons of {done.orders} orders, {done.pieces} pieces"
    if done.kept_back:
        text += f"\nkept back, because their orders are held or cancelled: {', '.join(done.kept_back)}"
    context.answer(done, text)


@click.command("report")
@pass_context
def report_command(context: StoreContext) -> None:
    """Where everything stands, counted anew."""
    with context.database() as database, database.read() as conn:
        context.need_site(conn, built=False)
        found = report(conn, context.site_id)
    context.answer(found, report_text(found))


def report_text(found: Report) -> str:
    def row(name: str, counts: dict[str, int]) -> str:
        return f"{name:<14}" + ("  ".join(f"{state} {count}" for state, count in counts.items() if count) or "none")

    return "\n".join(
        [
            row("orders", found.orders),
            row("lines", found.lines),
            row("pieces", found.pieces),
            row("pick lists", found.lists),
            row("totes", found.totes),
            row("cartons", {"closed": found.cartons_closed, "shipped": found.cartons_shipped}),
            row("labels", {"proven": found.labels_proven, "not proven": found.labels_unproven}),
            row("discrepancies", found.discrepancies_open),
        ]
    )


@click.command("reconcile")
@pass_context
def reconcile_command(context: StoreContext) -> None:
    """Prove that every ordered piece and every piece of stock is somewhere, once. Exit code 1: it does not add up."""
    with context.database() as database, database.read() as conn:
        context.need_site(conn, built=False)
        found = reconcile(conn, context.site_id)
    context.answer(found, reconciliation_text(found))
    if not found.ok:
        raise SystemExit(EXIT_REFUSED)


def reconciliation_text(found: Reconciliation) -> str:
    units = msgspec.to_builtins(found.units)
    where = ", ".join(
        f"{name.replace('_', ' ')} {count}" for name, count in units.items() if name != "ordered" and count
    )
    lines = [f"ordered pieces: {found.units.ordered} = {where or 'none'}"]
    came_in = sum(item.came_in for item in found.items)
    went_out = sum(item.went_out for item in found.items)
    off = sum(item.written_off for item in found.items)
    left = came_in - went_out - off
    lines.append(
        f"stock: in {came_in} = out {went_out} + left {left} + written off {off}, over {len(found.items)} items"
    )
    lines += found.differences or ["everything adds up"]
    return "\n".join(lines)
