"""`floor sheets`: barcode sheets that a real scanner reads, for an office printer."""

from __future__ import annotations

from pathlib import Path

import click

from layouts.sheets.barcode_sheet import Card, sheet_pages
from layouts.sheets.cards import badge_card, command_card, item_card, location_card, tote_card
from sync.record.codes.own import barcode_of, location_barcode
from sync.record.ids import SiteId
from sync.store import lookups
from sync.store.commands.context import StoreContext, as_url, default_url, site_named, usable_folder
from sync.store.database import Database

KINDS = ("badges", "totes", "locations", "items", "commands")
COMMAND_CARDS = {
    "ENTER": "confirm",
    "HELP": "help",
    "UNDO": "take the last one back",
    "BACK": "back",
    "PROBLEM": "short, damaged, skip ...",
    "REPRINT": "print the label again",
}


@click.command("sheets")
@click.option("--db", help="SQLAlchemy URL or path of an SQLite file. Default: $FLOORHAND_DB, else the data directory.")
@click.option("--site", default="DEMO", show_default=True, envvar="FLOORHAND_SITE")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Directory for the SVG pages (A4).")
@click.argument("kinds", nargs=-1, type=click.Choice(KINDS))
def sheets(db: str | None, site: str, out: Path, kinds: tuple[str, ...]) -> None:
    """Write barcode sheets as A4 pages (SVG): badges, totes, locations, items, command cards. Default: all."""
    context = StoreContext(as_url(db) if db else default_url(), site_named(site), as_json=False)
    usable_folder(out)
    with context.database() as database:
        with database.read() as conn:
            context.need_site(conn)
        for kind in kinds or KINDS:
            pages = sheet_pages(kind.capitalize(), _cards(database, context.site_id, kind))
            for number, page in enumerate(pages, start=1):
                (out / f"{kind}-{number:03d}.svg").write_text(page, "utf-8")
            click.echo(f"{kind}: {len(pages)} pages in {out}")


def _cards(database: Database, site_id: SiteId, kind: str) -> list[Card]:
    with database.read() as conn:
        match kind:
            case "badges":
                holders = lookups.badges(conn, site_id)
                return [badge_card(barcode_of(each.badge), each.name, ", ".join(each.roles)) for each in holders]
            case "totes":
                return [tote_card(barcode_of(tote), tote) for tote in lookups.totes(conn, site_id)]
            case "locations":
                return [
                    location_card(location_barcode(place.code), place.code, place.zone_id, place.check_digits)
                    for place in lookups.places(conn, site_id)
                ]
            case "items":
                return [item_card(item.number, item.name, item.item_id) for item in lookups.item_numbers(conn, site_id)]
            case _:
                return [command_card(barcode_of(f"C-{name}"), name, text) for name, text in COMMAND_CARDS.items()]
