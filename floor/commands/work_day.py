"""`floor work-day`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click
import msgspec

from floor.work_day.day import DayPlan, DayResult, NobodyToWork, Progress
from floor.work_day.day import work_day as run_day
from floor.work_day.simulated_worker import DayStalled
from sync.store.commands.context import (
    EXIT_REFUSED,
    EXIT_UNUSABLE,
    StoreContext,
    as_url,
    default_url,
    site_named,
    usable_folder,
)
from sync.store.commands.work import reconciliation_text, report_text


@click.command("work-day")
@click.option("--db", help="SQLAlchemy URL or path of an SQLite file. Default: $FLOORHAND_DB, else the data directory.")
@click.option("--site", default="DEMO", show_default=True, envvar="FLOORHAND_SITE")
@click.option("--pickers", default=5, show_default=True, type=click.IntRange(1, 50))
@click.option("--packers", default=2, show_default=True, type=click.IntRange(1, 20))
@click.option("--sorters", default=1, show_default=True, type=click.IntRange(0, 20), help="At the put wall.")
@click.option("--seed", default=1, show_default=True, help="Another seed makes other mistakes.")
@click.option("--labels", type=click.Path(path_type=Path), help="Directory for the printed labels.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the result to this file.")
def work_day(
    db: str | None,
    site: str,
    pickers: int,
    packers: int,
    sorters: int,
    seed: int,
    labels: Path | None,
    json_file: Path | None,
) -> None:
    """Work all released orders with simulated workers, then reconcile. Exit code 1: it does not add up."""
    context = StoreContext(as_url(db) if db else default_url(), site_named(site), as_json=False)
    with context.database() as database, database.read() as conn:
        context.need_site(conn)
    for folder in (labels, None if json_file is None else json_file.absolute().parent):
        if folder is not None:
            usable_folder(folder)
    with tempfile.TemporaryDirectory(prefix="floorhand-day-") as scratch:
        plan = DayPlan(
            db_url=context.db_url,
            site_id=context.site_id,
            pickers=pickers,
            packers=packers,
            sorters=sorters,
            seed=seed,
            labels=labels or Path(scratch) / "labels",
            terminals=Path(scratch) / "terminals",
        )
        try:
            result = run_day(plan, _tell)
        except (DayStalled, NobodyToWork, TimeoutError) as error:
            click.echo(f"\nfloor work-day: {error}", err=True)
            raise SystemExit(EXIT_UNUSABLE) from error
    if json_file is not None:
        json_file.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=2))
    click.echo(_text(result))
    if not result.reconciliation.ok:
        raise SystemExit(EXIT_REFUSED)


def _tell(progress: Progress) -> None:
    line = f"{progress.seconds:5.0f} s  {progress.lists} lists, {progress.totes} totes packed, {progress.scans} scans"
    click.echo(f"\r{line}" if sys.stderr.isatty() else line, err=True, nl=not sys.stderr.isatty())


def _text(result: DayResult) -> str:
    work = result.totals
    mishaps = (
        "wrong_scan",
        "short",
        "cut",
        "damaged",
        "skip",
        "undo",
        "new_tote",
        "swap_terminal",
        "other_lot",
        "reprint",
    )
    odd = ", ".join(f"{name} {work[name]}" for name in mishaps if name in work)
    done = (
        f"{work.get('lists', 0)} lists, {work.get('scans', 0)} scans, "
        f"{result.labels_printed} labels, {result.cartons_shipped} cartons shipped"
    )
    return "\n".join(
        [
            "",
            f"worked in {result.seconds} s: {done}",
            f"on purpose: {odd}",
            report_text(result.report),
            reconciliation_text(result.reconciliation),
        ]
    )
