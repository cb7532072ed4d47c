"""A lead moves a pick list from its terminal to another one, or back to the common pool."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select

from sync.record.ids import PickListId, TerminalId
from sync.record.rows import ListStatus
from sync.store import tables as t
from sync.store.access.auditing import audit
from sync.store.bench import Bench, RowDict
from sync.store.judging.grants import NOT_MOVED, grant, pass_on, pass_on_lapsed
from sync.store.judging.lines_at_hand import touch_list
from sync.store.unit_of_work import UnitOfWork
from sync.store.views import list_name


class MoveRefused(Exception):
    """The list stays where it is; the text says why and what to do.

    ``needs_yes``: nothing speaks against it but that somebody must know what it means and say so.
    """

    def __init__(self, text: str, *, needs_yes: bool = False) -> None:
        super().__init__(text)
        self.needs_yes = needs_yes


class Effect(StrEnum):
    NOW = "now"
    AT_CONTACT = "at-contact"
    """The holder leaves it at the next stop; without contact it goes on soon after its lease has ended."""
    CALLED_OFF = "called-off"
    """An earlier move was taken back: the list stays with its holder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    list_id: PickListId
    order_ref: str
    held_by: TerminalId | None
    """Before; None: it stood in the common pool."""
    to: TerminalId | None
    """None: the common pool."""
    effect: Effect
    lines_begun: int
    pieces_picked: int


def move(
    work: UnitOfWork,
    list_id: PickListId,
    *,
    to: TerminalId | None,
    by: str,
    hard: bool = False,
    confirmed: bool = False,
) -> Moved:
    """Give a list to terminal ``to`` (None: to the common pool).

    A list in the pool goes at once. One that a terminal holds is left by its holder at the next stop (soft) or, with
    ``hard``, is taken at once: then what the holder still does counts as late, and two may walk for the same pieces,
    which must be ``confirmed``. Raises `MoveRefused`.
    """
    bench = Bench(work)
    pick_list = _movable(bench, list_id, to)
    held_by = None if pick_list["terminal_id"] is None else TerminalId(pick_list["terminal_id"])
    lines = bench.lines.where(list_id=list_id)
    about = _About(bench, pick_list, held_by, lines)
    if held_by is None:
        effect = _out_of_the_pool(bench, pick_list, to)
    elif to == held_by:
        effect = _stays(bench, pick_list, held_by)
    else:
        if hard and not confirmed:
            raise MoveRefused(about.warning(to), needs_yes=True)
        bench.lists.change(pick_list, move_to=to, move_by=by, move_at=work.now)
        if hard:
            pass_on(bench, pick_list, given_up=False)
        else:
            touch_list(bench, pick_list)
            bench.flush()  # the look at the leases must see it
            pass_on_lapsed(bench, but=None, moved_only=True)
        effect = Effect.AT_CONTACT if pick_list["move_at"] is not None else Effect.NOW
    bench.flush()
    audit(work, by, "move-list", str(list_id), held_by=held_by, to=to, hard=hard, effect=effect)
    return about.moved(to, effect)


def _movable(bench: Bench, list_id: PickListId, to: TerminalId | None) -> RowDict:
    pick_list = bench.lists.get(list_id)
    if pick_list is None:
        raise MoveRefused(f"There is no pick list {list_id}. floor store terminals names those that are held.")
    if pick_list["status"] not in (ListStatus.OPEN, ListStatus.HELD):
        status = str(pick_list["status"]).replace("_", " ")
        raise MoveRefused(f"Pick list {list_id} is {status}: nobody walks it, there is nothing to move.")
    if to is not None:
        terminal = bench.terminals.get(to)
        if terminal is None:
            raise MoveRefused(f"The store has never heard of a terminal {to}. floor store terminals lists them.")
        if terminal["revoked_at"] is not None:
            raise MoveRefused(f"Terminal {to} was revoked: it is told nothing. Choose another one.")
    return pick_list


def _out_of_the_pool(bench: Bench, pick_list: RowDict, to: TerminalId | None) -> Effect:
    if to is None:
        raise MoveRefused(f"Pick list {pick_list['list_id']} is in the common pool already.")
    grant(bench, pick_list, to, None)
    return Effect.NOW


def _stays(bench: Bench, pick_list: RowDict, held_by: TerminalId) -> Effect:
    if pick_list["move_at"] is None:
        raise MoveRefused(f"{held_by} holds pick list {pick_list['list_id']} already.")
    bench.lists.change(pick_list, **NOT_MOVED)
    touch_list(bench, pick_list)
    return Effect.CALLED_OFF


class _About:
    """How the list stood before, for those who must know before they confirm, and for the answer."""

    def __init__(self, bench: Bench, pick_list: RowDict, held_by: TerminalId | None, lines: list[RowDict]) -> None:
        o, holder = t.orders.c, None if held_by is None else bench.terminals.get(held_by)
        of_order = select(o.order_ref).where(o.site_id == bench.site_id, o.order_id == pick_list["order_id"])
        list_id = self.list_id = PickListId(pick_list["list_id"])
        self.order_ref = str(bench.work.conn.execute(of_order).scalar_one_or_none() or list_name(list_id))
        self.held_by = held_by
        self.begun = sum(bool(line["picked"] or line["shorted"] or line["located"]) for line in lines)
        self.lines = len(lines)
        self.picked = sum(int(line["picked"]) for line in lines)
        self.last_seen_at = None if holder is None else holder["last_seen_at"]

    def warning(self, to: TerminalId | None) -> str:
        seen = "never" if self.last_seen_at is None else f"{self.last_seen_at:%Y-%m-%d %H:%M} UTC"
        return (
            f"{self.held_by} holds list {self.list_id} ({self.order_ref}): {self.begun} of {self.lines} lines "
            f"begun, {self.picked} pieces picked as far as is known, last heard of {seen}. Taken away at once for "
            f"{to or 'the common pool'}, the list may be walked twice; what is picked twice must be put back. "
            "Say --yes if that is meant, or leave out --hard."
        )

    def moved(self, to: TerminalId | None, effect: Effect) -> Moved:
        return Moved(
            list_id=self.list_id,
            order_ref=self.order_ref,
            held_by=self.held_by,
            to=to,
            effect=effect,
            lines_begun=self.begun,
            pieces_picked=self.picked,
        )
