"""What a shift lead decides: discrepancies, lists that go to another terminal, and how the terminals stand."""

from __future__ import annotations

from datetime import datetime

import click

from sync.record.ids import ItemId, LocationCode, LotCode, PickListId, TerminalId
from sync.store.access.two_persons import Asked
from sync.store.commands.context import StoreContext, pass_context, person, refuse
from sync.store.commands.two_persons import alone_option, ask_another
from sync.store.leading.discrepancies import Discrepancy, Way, discrepancies
from sync.store.leading.moving import Effect, Moved, MoveRefused
from sync.store.leading.settling import SettlementRefused, Settling
from sync.store.leading.terminals import HeldList, Lease, TerminalStanding, terminals
from sync.store.leading.two_persons import move_by_two, settle_by_two
from sync.store.unit_of_work import UnitOfWork

_BY = click.option("--by", required=True, callback=person, help="Who decides: it stands in the record.")


@click.command("discrepancies")
@click.option("--all", "everything", is_flag=True, help="Settled ones too.")
@click.option("--kind", "kinds", multiple=True, help="Only of this kind, e.g. overpick. May be given several times.")
@click.option("--terminal", "terminal_id", help="Only what this terminal's facts opened.")
@pass_context
def discrepancies_command(
    context: StoreContext, everything: bool, kinds: tuple[str, ...], terminal_id: str | None
) -> None:
    """Where record and floor disagree: each with everything that is known of it, and how it may be settled."""
    of_terminal = None if terminal_id is None else TerminalId(terminal_id)
    with context.database() as database, database.read() as conn:
        context.need_site(conn, built=False)
        found = discrepancies(conn, context.site_id, settled=everything, kinds=kinds, terminal_id=of_terminal)
    nothing = "Record and floor agree." if not kinds and of_terminal is None else "Nothing of that is open."
    context.answer(found, "\n".join(map(_text, found)) or nothing)


def _text(one: Discrepancy) -> str:
    who = " ".join(filter(None, (one.worker_id, one.terminal_id)))
    about = "  ".join(filter(None, (one.order_ref and f"order {one.order_ref}", one.item_id, one.place)))
    lines = [f"{one.discrepancy_id}  {one.kind}: {one.text}"]
    lines.append("    " + "  ".join(filter(None, (f"{one.opened_at:%Y-%m-%d %H:%M} UTC", who, about))))
    if one.other is not None:
        other = " ".join(filter(None, (one.other["worker_id"], one.other["terminal_id"]))) or "the record"
        lines.append(f"    the other side: {other}: {one.other['says']}")
    if one.settled_at is None:
        lines.append(f"    settle with --how {' or '.join(one.ways)}")
    else:
        lines.append(f"    settled by {one.settled_by} on {one.settled_at:%Y-%m-%d %H:%M} UTC: {one.settlement}")
    return "\n".join(lines)


def _note(context: click.Context, option: click.Parameter, value: str) -> str:
    return value and person(context, option, value)


@click.command("settle")
@click.argument("discrepancy_id")
@_BY
@click.option("--how", "way", required=True, type=click.Choice([str(way) for way in Way]), help="What was done.")
@click.option("--note", default="", callback=_note, help="What was found, in your own words.")
@click.option("--at", "location", help="Location where the pieces were put back or counted, if not the one it names.")
@click.option("--found", type=click.IntRange(min=0), help="With count: how many pieces are there.")
@click.option("--item", "item_id", help="With count: of which item.")
@click.option("--lot", help="With count: of which lot.")
@alone_option
@pass_context
def settle_command(
    context: StoreContext,
    discrepancy_id: str,
    by: str,
    way: str,
    note: str,
    location: str | None,
    found: int | None,
    item_id: str | None,
    lot: str | None,
    alone: str | None,
) -> None:
    """Settle a discrepancy: pieces put back or counted change the stock, the rest is kept with your name."""
    how = Settling(
        way=Way(way),
        note=note,
        at=None if location is None else LocationCode(location),
        found=found,
        item_id=None if item_id is None else ItemId(item_id),
        lot=None if lot is None else LotCode(lot),
    )
    with context.database() as database:
        try:
            done = database.run(context.site_id, lambda work: settle_by_two(work, discrepancy_id, by, how, alone=alone))
        except SettlementRefused as refused:
            refuse(str(refused))
    if isinstance(done, Asked):
        ask_another(done)
    context.answer(
        {"settled": discrepancy_id, "by": by, "how": way, "settlement": done},
        f"{discrepancy_id}: settled by {by}: {done}",
    )


@click.command("move")
@click.argument("list_id", type=int)
@click.option("--to", "to", help="The terminal that gets it. Without: the common pool.")
@click.option("--hard", is_flag=True, help="At once, whatever its holder does; it may be walked twice.")
@click.option("--yes", "confirmed", is_flag=True, help="With --hard: I know that it may be walked twice.")
@alone_option
@_BY
@pass_context
def move_command(
    context: StoreContext, list_id: int, to: str | None, hard: bool, confirmed: bool, alone: str | None, by: str
) -> None:
    """Give a pick list to another terminal, or back to the common pool.

    Its holder leaves it at the next stop; a holder who is not in contact loses it soon after the lease has ended.
    """
    target = None if to is None else TerminalId(to)

    def job(work: UnitOfWork) -> Moved | Asked:
        return move_by_two(work, PickListId(list_id), to=target, by=by, hard=hard, confirmed=confirmed, alone=alone)

    with context.database() as database:
        try:
            done = database.run(context.site_id, job)
        except MoveRefused as refused:
            refuse(str(refused))
    if isinstance(done, Asked):
        ask_another(done)
    context.answer(done, _moved(done))


def _moved(done: Moved) -> str:
    to = f"to {done.to}" if done.to is not None else "to the common pool"
    what = f"list {done.list_id} of order {done.order_ref}"
    match done.effect:
        case Effect.NOW:
            return f"{what} went {to}"
        case Effect.AT_CONTACT:
            return (
                f"{what} goes {to} when {done.held_by} has left it at the next stop, or soon after its lease has ended"
            )
        case Effect.CALLED_OFF:
            return f"{what} stays with {done.held_by}: the move was called off"


@click.command("terminals")
@pass_context
def terminals_command(context: StoreContext) -> None:
    """Every terminal: its last contact, who works there, what it holds, what it has not delivered and since when."""
    with context.database() as database, database.read() as conn:
        context.need_site(conn)
        found = terminals(conn, context.site_id, database.now())
    context.answer(found, "\n".join(map(_standing, found)) or "No terminal has been heard of yet.")


def _standing(one: TerminalStanding) -> str:
    who = f"{one.worker_name or one.worker_id} is signed in" if one.worker_id else "nobody is signed in"
    lines = [f"{one.terminal_id}  last contact {_moment(one.last_seen_at)}, {who}"]
    if one.revoked_at is not None:
        lines.append(f"    REVOKED {_moment(one.revoked_at)}: it is told nothing, and what it sends is kept apart")
    if one.owed:
        since = "" if one.owed_since is None else f", the oldest since {_moment(one.owed_since)}"
        lines.append(f"    {one.owed} facts not delivered{since}")
    if one.lease is not Lease.NONE and one.lease_ends_at is not None:
        verb = "ended" if one.lease is Lease.ENDED else "runs until"
        lines.append(f"    lease {verb} {_moment(one.lease_ends_at)}")
    lines += [f"    {_held(held)}" for held in one.lists]
    if one.release:
        lines.append(f"    release {one.release}")
    return "\n".join(lines)


def _held(held: HeldList) -> str:
    began = f"{held.pieces_picked} pieces picked, {held.lines_open} lines open" if held.started else "not started"
    moving = f", moving to {held.move_to or 'the common pool'}" if held.moving else ""
    return f"list {held.list_id} of order {held.order_ref}: {began}{moving}"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
