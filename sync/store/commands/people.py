"""Who works at the site, and which programs may ask for it: workers, PINs, keys."""

from __future__ import annotations

import sys

import click

from sync.record.ids import BadgeCode, WorkerId
from sync.record.rows import Role
from sync.store.access.api_keys import LONGEST_DAYS, ApiKey, KeyRefused, add_key, api_keys, revoke_key
from sync.store.access.auditing import audit
from sync.store.access.people import (
    LANGUAGES,
    PersonRefused,
    Worker,
    add_worker,
    set_active,
    set_pin,
    set_roles,
    workers,
)
from sync.store.commands.context import StoreContext, pass_context, person, refuse
from sync.store.database import utc_now

_by = click.option("--by", required=True, callback=person, help="Who decides: it stands in the record.")
_roles = click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice([str(role) for role in Role]), help="Repeatable."
)


def _typed_pin() -> str:
    """Asked for where nobody sees it, or the first line of standard input: a command line is seen by everybody."""
    if sys.stdin.isatty():
        typed: str = click.prompt("PIN", hide_input=True, confirmation_prompt=True)
        return typed.strip()
    return sys.stdin.readline().strip()


@click.command("add")
@click.argument("worker_id")
@click.option("--badge", required=True, help="What the badge's barcode says: B-1001.")
@click.option("--name", required=True, callback=person, help="As it stands on the terminal's screen.")
@_roles
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--no-pin", is_flag=True, help="The badge alone signs in: whoever finds it works under the name.")
@_by
@pass_context
def worker_add(
    context: StoreContext,
    worker_id: str,
    badge: str,
    name: str,
    roles: tuple[str, ...],
    language: str,
    no_pin: bool,
    by: str,
) -> None:
    """A new worker. The PIN is asked for, or read from the first line of standard input."""
    pin = None if no_pin else _typed_pin()
    with context.database() as database:
        try:
            with database.write(context.site_id) as work:
                context.need_site(work.conn)
                add_worker(
                    work,
                    WorkerId(worker_id),
                    badge=BadgeCode(badge),
                    name=name,
                    roles={Role(role) for role in roles},
                    language=language,
                    pin=pin,
                )
                audit(work, by, "worker-add", worker_id, badge=badge, name=name, roles=sorted(roles), pin=not no_pin)
        except PersonRefused as error:
            refuse(str(error))
    context.answer({"worker": worker_id, "badge": badge}, f"{worker_id}: {name} may sign in with badge {badge}")


@click.command("set-pin")
@click.argument("worker_id")
@click.option("--no-pin", is_flag=True, help="From now on the badge alone signs in.")
@_by
@pass_context
def worker_set_pin(context: StoreContext, worker_id: str, no_pin: bool, by: str) -> None:
    """Give a worker another PIN. It is asked for, or read from the first line of standard input."""
    pin = None if no_pin else _typed_pin()
    with context.database() as database:
        try:
            with database.write(context.site_id) as work:
                set_pin(work, WorkerId(worker_id), pin)
                audit(work, by, "worker-pin", worker_id, pin=not no_pin)
        except PersonRefused as error:
            refuse(str(error))
    text = f"{worker_id}: the new PIN counts at each terminal from its next contact on"
    context.answer({"worker": worker_id, "pin": not no_pin}, text)


@click.command("set-roles")
@click.argument("worker_id")
@_roles
@_by
@pass_context
def worker_set_roles(context: StoreContext, worker_id: str, roles: tuple[str, ...], by: str) -> None:
    """Give a worker these roles instead of the ones before."""
    with context.database() as database:
        try:
            with database.write(context.site_id) as work:
                set_roles(work, WorkerId(worker_id), {Role(role) for role in roles})
                audit(work, by, "worker-roles", worker_id, roles=sorted(roles))
        except PersonRefused as error:
            refuse(str(error))
    context.answer({"worker": worker_id, "roles": sorted(roles)}, f"{worker_id}: {', '.join(sorted(roles))}")


@click.command("deactivate")
@click.argument("worker_id")
@click.option("--undo", "again", is_flag=True, help="The badge signs in again.")
@_by
@pass_context
def worker_deactivate(context: StoreContext, worker_id: str, again: bool, by: str) -> None:
    """The badge signs in no more. What a terminal has not delivered yet still counts, and a lead is told of it."""
    with context.database() as database:
        try:
            with database.write(context.site_id) as work:
                set_active(work, WorkerId(worker_id), active=again)
                audit(work, by, "worker-activate" if again else "worker-deactivate", worker_id)
        except PersonRefused as error:
            refuse(str(error))
    text = (
        f"{worker_id}: {'signs in again' if again else 'signs in no more'}, at each terminal from its next contact on"
    )
    context.answer({"worker": worker_id, "active": again}, text)


@click.command("list")
@pass_context
def worker_list(context: StoreContext) -> None:
    """Everybody the site knows, with badge and roles."""
    with context.database() as database, database.read() as conn:
        context.need_site(conn)
        found = workers(conn, context.site_id)
    context.answer(found, "\n".join(map(_worker_text, found)) or "Nobody works here yet. floor store worker add")


def _worker_text(one: Worker) -> str:
    remarks = [*([] if one.has_pin else ["badge alone"]), *([] if one.active else ["NOT ACTIVE"])]
    return (
        f"{one.worker_id}  {one.badge}  {one.name}  {', '.join(one.roles)}{'  ' if remarks else ''}{', '.join(remarks)}"
    )


@click.command("add")
@click.argument("name")
@_roles
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, LONGEST_DAYS), help="Until it ends.")
@_by
@pass_context
def key_add(context: StoreContext, name: str, roles: tuple[str, ...], days: int, by: str) -> None:
    """A key for the program or person NAME. It is shown once and kept nowhere: only its hash is."""
    name = person(click.get_current_context(), click.Argument(["name"]), name)
    with context.database() as database:
        try:
            with database.write(context.site_id) as work:
                context.need_site(work.conn)
                key_id, key, expires_at = add_key(work, name, {Role(role) for role in roles}, days=days, by=by)
                audit(work, by, "key-add", key_id, name=name, roles=sorted(roles), expires_at=expires_at)
        except KeyRefused as error:
            refuse(str(error))
    text = (
        f"{key}\nThis is shown once. It is {name}'s until {expires_at:%Y-%m-%d} ({', '.join(sorted(roles))}).\n"
        "It goes into the header  Authorization: Bearer ...  and never into an address."
    )
    context.answer({"key": key, "key_id": key_id, "name": name, "expires_at": expires_at}, text)


@click.command("list")
@pass_context
def key_list(context: StoreContext) -> None:
    """Every key that was ever given, without its secret."""
    with context.database() as database, database.read() as conn:
        context.need_site(conn)
        found = api_keys(conn, context.site_id)
    context.answer(found, "\n".join(map(_key_text, found)) or "No key was given yet. floor store key add")


def _key_text(one: ApiKey) -> str:
    if one.revoked_at is not None:
        state = f"revoked {one.revoked_at:%Y-%m-%d}"
    else:
        state = f"{'ended' if one.expires_at <= utc_now() else 'until'} {one.expires_at:%Y-%m-%d}"
    return f"{one.key_id}  {one.name}  {', '.join(one.roles)}  {state}  by {one.made_by}"


@click.command("revoke")
@click.argument("key_id")
@_by
@pass_context
def key_revoke(context: StoreContext, key_id: str, by: str) -> None:
    """The key opens nothing any more, from its next request on."""
    with context.database() as database:
        try:
            with database.write(context.site_id) as work:
                revoke_key(work, key_id)
                audit(work, by, "key-revoke", key_id)
        except KeyRefused as error:
            refuse(str(error))
    context.answer({"revoked": key_id, "by": by}, f"{key_id}: opens nothing any more")
