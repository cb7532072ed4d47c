"""`floor store carrier-label`: the carrier's label of a carton, from the command line."""

from __future__ import annotations

import re
from pathlib import Path

import click

from sync.store.commands.auditing import operator
from sync.store.commands.context import StoreContext, fail, pass_context, refuse
from sync.store.orders.carrier_labels import (
    CARRIER_BARCODE,
    MOST_BYTES,
    MOST_CARTONS,
    LabelUnfit,
    give_carrier_label,
)
from sync.store.orders.holding import OrderRefused


def _barcode(_context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    if value is not None and re.fullmatch(CARRIER_BARCODE, value) is None:
        raise click.BadParameter("give the 4 to 64 characters that a scanner reads off the label", param=option)
    return value


@click.command("carrier-label")
@click.argument("order_ref")
@click.argument("zpl_file", type=click.Path(path_type=Path))
@click.option("--carton", "carton_no", type=click.IntRange(1, MOST_CARTONS), default=1, help="Which one of the order.")
@click.option("--barcode", callback=_barcode, help="What a scanner reads off it; without it ours is printed beside.")
@pass_context
def carrier_label_command(
    context: StoreContext, order_ref: str, zpl_file: Path, carton_no: int, barcode: str | None
) -> None:
    """Give a carton of an order its carrier's label: it is looked through, and printed untouched when it is packed."""
    try:
        with zpl_file.open("rb") as file:
            zpl = file.read(MOST_BYTES + 1)
    except OSError as error:
        fail(f"{zpl_file} cannot be read: {error.strerror}. Nothing was changed; check the path.")
    with context.database() as database:
        try:
            with database.write(context.site_id) as work:
                context.need_site(work.conn, built=False)
                given = give_carrier_label(work, order_ref, carton_no, zpl, barcode=barcode, by=operator())
        except (LabelUnfit, OrderRefused) as error:
            refuse(str(error))
    what = f"{given.labels} label{'' if given.labels == 1 else 's'}"
    text = f"{order_ref}: carton {carton_no} gets {what} of the carrier" if given.new else f"{order_ref}: known already"
    context.answer(given, text)
