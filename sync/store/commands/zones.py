"""`floor store zone`: who picks where, and a zone's end of shift."""

from __future__ import annotations

import click

from sync.record.ids import WorkerId, ZoneId
from sync.store.commands.context import StoreContext, pass_context, person, refuse
from sync.store.leading.moving import Effect, MoveRefused
from sync.store.leading.zones import WaitingTote, ZoneEnd, ZoneRefused, ZoneStanding, assign, end, zones

_by = click.option("--by", required=True, callback=person, help="Who decides: it stands in the record.")


@click.command("list")
@pass_context
def zone_list(context: StoreContext) -> None:
    """Each zone: its people, its lists, what is left to pick, and the totes that wait for it."""
    with context.database() as database, database.read() as conn:
        context.need_site(conn)
        found = zones(conn, context.site_id)
    context.answer(found, "\n".join(map(_standing, found)) or "The site has no zones.")


def _standing(one: ZoneStanding) -> str:
    lists = f"{one.open_lists} lists open, {one.held_lists} held, {one.waiting_lists} wait for their tote"
    head = f"{one.zone_id}  {one.name}: {lists}; {one.lines} lines, {one.pieces} pieces to pick"
    people = (f"    {who.worker_id}  {who.name}, {_where(who.terminal_id)}" for who in one.people)
    return "\n".join([head, *people, *map(_tote, one.totes)])


def _where(terminal_id: str | None) -> str:
    return "signed in nowhere" if terminal_id is None else f"at {terminal_id}"


def _tote(one: WaitingTote) -> str:
    return f"    {one.tote} of list {one.list_id} waits at {one.place or 'an unknown place'}"


@click.command("assign")
@click.argument("worker_id")
@click.argument("zone_id")
@_by
@pass_context
def zone_assign(context: StoreContext, worker_id: str, zone_id: str, by: str) -> None:
    """Put a worker into a zone, from the terminal's next contact on. What was begun is picked to the end."""
    _assign(context, worker_id, ZoneId(zone_id), by, f"{worker_id}: picks in zone {zone_id} from the next list on")


@click.command("clear")
@click.argument("worker_id")
@_by
@pass_context
def zone_clear(context: StoreContext, worker_id: str, by: str) -> None:
    """The worker belongs to no zone any more and is given any list."""
    _assign(context, worker_id, None, by, f"{worker_id}: picks in any zone from the next list on")


def _assign(context: StoreContext, worker_id: str, zone_id: ZoneId | None, by: str, text: str) -> None:
    with context.database() as database:
        try:
            with database.write(context.site_id) as work:
                context.need_site(work.conn)
                assign(work, WorkerId(worker_id), zone_id, by)
        except ZoneRefused as error:
            refuse(str(error))
    context.answer({"worker": worker_id, "zone": zone_id}, text)


@click.command("end")
@click.argument("zone_id")
@click.option(
    "--to", "to", help="The terminal, or the worker signed in at one, that goes on. Without: the common pool."
)
@_by
@pass_context
def zone_end(context: StoreContext, zone_id: str, to: str | None, by: str) -> None:
    """The zone's shift ends: each of its lists is left at the next stop and goes on with who comes."""
    with context.database() as database:
        try:
            done = database.run(context.site_id, lambda work: end(work, ZoneId(zone_id), to=to, by=by))
        except (ZoneRefused, MoveRefused) as error:
            refuse(str(error))
    context.answer(done, _ended(done))


def _ended(done: ZoneEnd) -> str:
    to = done.to or "the common pool"
    lines = []
    for one in done.moved:
        when = "now" if one.effect is Effect.NOW else f"when {one.held_by} has left it at the next stop"
        picked = f"{one.lines_begun} lines begun, {one.pieces_picked} pieces picked"
        lines.append(f"list {one.list_id} of order {one.order_ref} ({picked}) goes to {to} {when}")
    return "\n".join([*lines, *map(_tote, done.totes)]) or f"Nobody holds anything in zone {done.zone_id}."
