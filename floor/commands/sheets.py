"""`floor sheets`: barcode sheets that a real scanner reads, for an office printer."""

from __future__ import annotations

from pathlib import Path

import click

from layouts.sheets.barcode_sheet import sheet_pages
from layouts.sheets.card_page import Card
from layouts.sheets.cards import badge_card, cart_card, command_card, cubby_card, item_card, location_card, tote_card
from layouts.sheets.sheet_pdf import sheet_pdf
from sync.record.codes.own import OwnCode, OwnKind, barcode_of, location_barcode
from sync.record.ids import SiteId
from sync.store import lookups
from sync.store.commands.context import StoreContext, as_url, default_url, site_named, usable_folder
from sync.store.database import Database
from sync.store.site_files.carts import carts_of

KINDS = ("badges", "totes", "cubbies", "locations", "items", "carts", "commands")
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
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Directory for the pages (A4).")
@click.option("--pdf", is_flag=True, help="PDF instead of SVG: one file for each kind, with all its pages.")
@click.argument("kinds", nargs=-1, type=click.Choice(KINDS))
def sheets(db: str | None, site: str, out: Path, pdf: bool, kinds: tuple[str, ...]) -> None:
    """Write barcode sheets as A4 pages, a file for each page (SVG) or for each kind (PDF). Default: all.

    Badges, totes, cubbies of put walls, locations, items, positions of carts, command cards.
    """
    context = StoreContext(as_url(db) if db else default_url(), site_named(site), as_json=False)
    usable_folder(out)
    with context.database() as database:
        with database.read() as conn:
            context.need_site(conn)
        for kind in kinds or KINDS:
            cards = _cards(database, context.site_id, kind)
            if pdf:
                _write_pdf(kind, cards, out)
            else:
                _write_svg(kind, cards, out)


def _write_svg(kind: str, cards: list[Card], out: Path) -> None:
    pages = sheet_pages(kind.capitalize(), cards)
    for number, page in enumerate(pages, start=1):
        (out / f"{kind}-{number:03d}.svg").write_text(page, "utf-8")
    click.echo(f"{kind}: {len(pages)} pages in {out}")


def _write_pdf(kind: str, cards: list[Card], out: Path) -> None:
    if not cards:
        click.echo(f"{kind}: there are none, so no file is written")
        return
    path = out / f"{kind}.pdf"
    path.write_bytes(sheet_pdf(kind.capitalize(), cards))
    click.echo(f"{kind}: {len(cards)} cards in {path}")


def _cards(database: Database, site_id: SiteId, kind: str) -> list[Card]:
    with database.read() as conn:
        match kind:
            case "badges":
                holders = lookups.badges(conn, site_id)
                return [badge_card(barcode_of(each.badge), each.name, ", ".join(each.roles)) for each in holders]
            case "totes":
                return [tote_card(barcode_of(tote), tote) for tote in lookups.totes(conn, site_id)]
            case "cubbies":
                return [cubby_card(barcode_of(one.code), one.label, one.wall) for one in lookups.cubbies(conn, site_id)]
            case "locations":
                return [
                    location_card(location_barcode(place.code), place.code, place.zone_id, place.check_digits)
                    for place in lookups.places(conn, site_id)
                ]
            case "carts":
                return [
                    cart_card(OwnCode(OwnKind.POSITION, f"{number}-{n}").barcode, f"{number} / {n}", cart.name)
                    for cart in carts_of(conn, site_id)
                    for number in cart.numbers
                    for n in range(1, cart.positions + 1)
                ]
            case "items":
                return [item_card(item.number, item.name, item.item_id) for item in lookups.item_numbers(conn, site_id)]
            case _:
                return [command_card(barcode_of(f"C-{name}"), name, text) for name, text in COMMAND_CARDS.items()]
