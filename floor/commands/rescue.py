"""`floor terminal rescue`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click

EXIT_DAMAGED = 1
EXIT_UNUSABLE = 3


@click.command("rescue")
@click.option("--data", required=True, type=click.Path(path_type=Path), help="Folder of the terminal to rescue.")
@click.option("--store", required=True, help="URL of the central order store.")
@click.option(
    "--identity", required=True, type=click.Path(path_type=Path), help="Folder of this workstation's own key."
)
@click.option("--enrol", "code", help="Enrol this workstation first, with a code of `floor store enrol ID --rescue`.")
@click.option("--site", help="With --enrol: the site.")
@click.option("--id", "terminal_id", help="With --enrol: the label of this workstation.")
def rescue(data: Path, store: str, identity: Path, code: str | None, site: str | None, terminal_id: str | None) -> None:
    """Deliver what a dead or found terminal has recorded. Its folder is only read; safe to repeat.

    Exit codes: 0 all is at the store; 1 something in the ledger is damaged and was left out; 3 it could not be done.
    """
    from sync.record.delivery import StorageFailed
    from sync.record.ids import SiteId, TerminalId
    from sync.terminal.client import StoreClient
    from sync.terminal.enrolment import NotEnrolled, enrol
    from sync.terminal.identity import BadIdentity, load_identity
    from sync.terminal.rescue import NotRescued, deliver, read_ledger

    try:
        if code is not None:
            if site is None or terminal_id is None:
                raise click.UsageError("--enrol needs --site and --id: what this workstation is called at the store")
            enrol(identity, store, SiteId(site), TerminalId(terminal_id), code)
        own = load_identity(identity)
        if own is None:
            _fail(
                f"There is no key in {identity}. This workstation cannot prove who it is. Have a code made with "
                "`floor store enrol ID --rescue` and add --enrol CODE --site SITE --id ID."
            )
        salvage = read_ledger(data)
        client = StoreClient(store, SiteId(own.site_id), TerminalId(own.terminal_id), own)
        try:
            delivered = deliver(salvage, client, _progress)
        finally:
            client.close()
    except (BadIdentity, NotEnrolled, NotRescued, StorageFailed) as error:
        _fail(str(error))
    click.echo(f"{len(salvage.entries)} entries delivered")
    for verdict, count in sorted(delivered.verdicts.items()):
        click.echo(f"  {count:>6}  {verdict}")
    if salvage.problem is not None:
        click.echo(f"the ledger's file: {salvage.problem}")
    if salvage.damaged:
        click.echo(f"damaged and left out: {_ranges(salvage.damaged)}. Ask who worked there what was done then.")
    if salvage.damaged or salvage.problem is not None:
        raise SystemExit(EXIT_DAMAGED)


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done} of {total}", err=True, nl=done == total)


def _ranges(numbers: tuple[int, ...]) -> str:
    """``3, 7-9``."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(f"{first}" if first == last else f"{first}-{last}" for first, last in spans)


def _fail(text: str) -> NoReturn:
    click.echo(f"floor terminal rescue: {text}", err=True)
    raise SystemExit(EXIT_UNUSABLE)
