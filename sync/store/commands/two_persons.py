"""Two persons at the command line: asking for the second one, and being it."""

from __future__ import annotations

from typing import NoReturn

import click

from sync.store.access.two_persons import AGREED_MIN, Asked, ConfirmationRefused, confirm, waiting
from sync.store.commands.context import EXIT_REFUSED, StoreContext, end, pass_context, person, refuse


def _reason(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    return value if value is None else person(context, option, value)


alone_option = click.option(
    "--alone", metavar="REASON", callback=_reason, help="There is no second person: why. It stands in the record."
)


def ask_another(asked: Asked) -> NoReturn:
    """End the command: it waits for another person."""
    end(
        "second_person",
        f"{asked.text} It takes two persons, and nothing was changed. The other one agrees within {AGREED_MIN} minutes "
        f"with: floor store confirm {asked.code} --by NAME. Then give this command again. "
        "Where there is nobody else: --alone REASON.",
        EXIT_REFUSED,
    )


@click.command("confirm")
@click.argument("code")
@click.option("--by", required=True, callback=person, help="Who agrees: it stands in the record.")
@pass_context
def confirm_command(context: StoreContext, code: str, by: str) -> None:
    """Agree, as the second person, to what another one has asked for under CODE. They then do it."""
    with context.database() as database:
        try:
            done = database.run(context.site_id, lambda work: confirm(work, code, by))
        except ConfirmationRefused as refused:
            refuse(str(refused))
    context.answer(done, f"{done.text}\n{by} agrees: {done.asked_by} may do it now, once, by giving the command again")


@click.command("confirmations")
@pass_context
def confirmations_command(context: StoreContext) -> None:
    """What waits for a second person."""
    with context.database() as database, database.read() as conn:
        found = waiting(conn, context.site_id, database.now())
    lines = [f"{one.code}  {one.asked_by} until {one.expires_at:%H:%M} UTC: {one.text}" for one in found]
    context.answer(found, "\n".join(lines) or "Nothing waits for a second person.")
