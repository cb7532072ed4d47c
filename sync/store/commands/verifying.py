"""`verify`: the record proved from the facts."""

from __future__ import annotations

import click

from sync.store.access.auditing import audit
from sync.store.commands.auditing import operator
from sync.store.commands.context import EXIT_REFUSED, StoreContext, pass_context
from sync.store.leading.verifying import differences, extent

SHOWN = 1000
"""Differences that are named; behind them something is wrong as a whole, and more names would not help."""


@click.command("verify")
@pass_context
def verify_command(context: StoreContext) -> None:
    """Prove stock, orders and lists from the facts, and that no fact was changed. Exit code 1: something differs."""
    with context.database() as database:
        with database.read() as conn:
            context.need_site(conn, built=False)
            found: list[str] = []
            more = 0
            for difference in differences(conn, context.site_id):
                if len(found) < SHOWN:
                    found.append(difference)
                else:
                    more += 1
            there = extent(conn, context.site_id)
        with database.write(context.site_id) as work:
            audit(work, operator(), "verify", context.site_id, differences=len(found) + more, entries=there.entries)
    text = (
        f"{there.entries} entries of {there.streams} ledgers, {there.moves} stock moves, {there.audit_rows} audit rows "
        f"(the last is {there.audit_head[:16] or 'none'}: note it elsewhere)"
    )
    lines = [*found, *([f"and {more} more"] if more else []), text, "it differs" if found else "everything follows"]
    context.answer({"ok": not found, "differences": found, "more": more, "extent": there}, "\n".join(lines))
    if found:
        raise SystemExit(EXIT_REFUSED)
