"""The audit trail on the command line, and the proof from the facts."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime

import click
import msgspec

from sync.store.access.auditing import AuditRow, trail
from sync.store.commands.context import StoreContext, pass_context, person


def operator() -> str:
    """Who stands in the audit trail for a command that asks no name: the machine's own word for its user."""
    return f"{getpass.getuser()} (command line)"


def person_or_operator(context: click.Context, option: click.Parameter, value: str | None) -> str:
    """For ``--by`` where it need not be given."""
    return operator() if value is None else person(context, option, value)


@click.command("audit")
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), help="From this moment on (UTC).")
@click.option("--who", help="Only what this person did.")
@pass_context
def audit_command(context: StoreContext, since: datetime | None, who: str | None) -> None:
    """Who changed what, when. With --json one object a line: the trail may be long."""
    with context.database() as database, database.read() as conn:
        context.need_site(conn, built=False)
        moment = None if since is None else since.replace(tzinfo=UTC)
        for row in trail(conn, context.site_id, since=moment, who=who):
            click.echo(msgspec.json.encode(row).decode() if context.as_json else _text(row))


def _text(row: AuditRow) -> str:
    detail = "  ".join(f"{name}={_short(value)}" for name, value in row.detail.items())
    return f"{row.n:>6}  {row.at:%Y-%m-%d %H:%M:%S}  {row.who}  {row.what} {row.about}  {detail}".rstrip()


def _short(value: object) -> str:
    said = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return said if len(said) <= 60 else f"{said[:57]}..."
