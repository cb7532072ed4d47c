"""`floor demo`: a warehouse, a store, a label printer and a terminal, from one real day of orders."""

from __future__ import annotations

import shutil
import sys
from contextlib import ExitStack
from pathlib import Path

import click

from floor.config import PrinterProfile, Profile
from sync.paths import data_dir
from sync.record.ids import BadgeCode, SiteId, TerminalId
from sync.record.rows import Role
from sync.store.commands.founding import found
from sync.store.database import Database
from sync.store.importers.importing import import_file
from sync.store.importers.profile import load_profile as load_import_profile
from sync.store.lookups import badges, small_orders
from sync.store.orders.allocating import allocate
from sync.store.orders.releasing import release
from sync.store.schema import create_or_upgrade
from sync.store.unit_of_work import UnitOfWork
from sync.store.warehouse.catalogue import read_catalogue
from sync.store.warehouse.demo import demo_warehouse

SITE = SiteId("DEMO")
SMALL_ORDER_LINES = 3
MARK = "made-by-floor-demo"

INTRO = """\

{orders} real orders are in; {lists} small ones are released to be picked.

  F9   scans what the screen asks for     F10  scans something wrong
  F1 help   F2 undo   F3 back   F4 problem   F5 reprint   Enter confirm

1. F9 signs in with badge {badge}.  1 picks: F9 until the tote is put down.
2. F3 goes back to the menu.  2 packs: F9 until the carton is closed.
3. 9 signs off; F3 twice at the sign-in screen ends the demo.

Labels are printed into
{labels}
(each as it was sent, .zpl, and as a picture, .png)."""


@click.command("demo")
@click.option("--dir", "folder", type=click.Path(path_type=Path), help="Everything is kept here, and nowhere else.")
@click.option("--all", "everything", is_flag=True, help="Release the whole day, large orders too.")
@click.argument("day", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def demo(folder: Path | None, everything: bool, day: Path) -> None:
    """Pick and pack an order of DAY (an online-retail CSV) within two minutes, with nothing else to set up."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise click.UsageError("the demo is a terminal program: start it in a terminal")
    home = fresh_folder(folder or data_dir() / "demo")
    database_url = f"sqlite:///{home / 'store.db'}"
    click.echo("Setting up a warehouse from one real day of orders ...")
    orders, lists, badge = set_up(database_url, day, everything=everything)
    labels = home / "labels"
    click.echo(INTRO.format(orders=orders, lists=lists, badge=badge, labels=labels))
    click.pause("\nPress any key to begin.")
    run(home, database_url, labels, badge)
    printed = len(list(labels.glob("*.zpl")))
    click.echo(f"The demo has ended. {printed} labels in {labels}; everything else of it is in {home}.")


def fresh_folder(home: Path) -> Path:
    """An empty folder for this demo. What an earlier demo left in it goes; anything else is never touched."""
    home = home.absolute()
    if home.exists() and any(home.iterdir()):
        if not (home / MARK).exists():
            raise click.UsageError(f"{home} holds other things: give an empty or new directory with --dir")
        shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True)
    (home / MARK).touch()
    return home


def set_up(database_url: str, day: Path, *, everything: bool) -> tuple[int, int, BadgeCode]:
    """Store, warehouse, orders, pick lists; returns how many orders and lists there are, and whose badge to use."""
    profile = load_import_profile("online-retail")
    file = (day.name, day.read_bytes())
    create_or_upgrade(database_url)
    database = Database(database_url)
    try:
        found(database)
        with database.write(SITE) as work:
            demo_warehouse(work, read_catalogue(profile, [file]))
        with database.write(SITE) as work:
            orders = len(import_file(work, profile, *file).orders_new)
        with database.write(SITE) as work:
            chosen = None if everything else small_orders(work.conn, SITE, SMALL_ORDER_LINES)
            allocate(work, chosen)
            return orders, len(release(work, chosen).lists), _badge_for_all(work)
    finally:
        database.close()


def _badge_for_all(work: UnitOfWork) -> BadgeCode:
    """Of somebody who picks and packs and needs no PIN."""
    both = {Role.PICKER, Role.PACKER}
    return next(each.badge for each in badges(work.conn, SITE) if both <= set(each.roles) and not each.needs_pin)


def run(home: Path, database_url: str, labels: Path, badge: BadgeCode) -> None:
    """Store, printer and terminal until the worker leaves; all of them end here."""
    from drivers.emulators.printer import EmulatedPrinter
    from floor.store_process import StoreProcess
    from floor.wiring import open_terminal, terminal_app, terminal_folder
    from sync.terminal.enrolment import enrol

    with ExitStack() as stack:
        printer = stack.enter_context(EmulatedPrinter(labels, port=0))
        store = stack.enter_context(StoreProcess(database_url, SITE, log=home / "store.log", enrol_loopback=True))
        profile = Profile(
            site=SITE,
            terminal="DEMO-1",
            store=store.url,
            data=str(home / "terminal"),
            scopes=("pack",),
            printer=PrinterProfile(printer.host, printer.port),
        )
        enrol(terminal_folder(profile), store.url, SITE, TerminalId(profile.terminal), scopes=profile.scopes)
        session = open_terminal(profile)
        stack.callback(session.close)
        terminal_app(session, profile, demo_badge=badge).run()
