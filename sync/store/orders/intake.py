"""Orders are looked at before anybody walks for them: what is not right goes on hold, and a person can release it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Row, and_, bindparam, delete, select, update

from sync.record.ids import ItemId, OrderId
from sync.store.orders.order_rules import (
    ADDRESS,
    ALL_REASONS,
    DUPLICATE,
    DUPLICATE_WITHIN,
    ITEM_REASONS,
    Demand,
    OrderFacts,
    holds_due,
)
from sync.store.tables import item, order_hold, order_line, orders, tote
from sync.store.unit_of_work import PACK_STATIONS, UnitOfWork

BY_STORE = "store"
"""Who released a hold that went away by itself."""

_T = TypeVar("_T")


class HoldRefused(Exception):
    """The hold cannot be released; the text says why."""


@dataclass(frozen=True, slots=True)
class Hold:
    """An order that waits, and why."""

    order_ref: str
    reason: str
    text: str


def judge_orders(work: UnitOfWork, order_ids: Collection[OrderId], *, address_wanted: bool) -> None:
    """Hold or free these orders by what stands in the record now, and those that they may be duplicates of.

    The result depends on the orders alone and not on the steps in which they came: a hold whose cause turns out not to
    be there, because the rest of an order came later, is taken away without a trace. What a person has released
    stays released until the reason says something else.

    Args:
        order_ids: orders of one source.
        address_wanted: their source gives full addresses.
    """
    touched = _facts(work, order_ids)
    others = _facts(work, _same_customers(work, touched))
    near = {key: one for key, one in others.items() if any(_near(one, each) for each in touched.values())}
    reasons = ALL_REASONS if address_wanted else ALL_REASONS - {ADDRESS}
    context = touched | others
    _apply(work, touched, context, reasons, address_wanted=address_wanted, goes_by_itself=False)
    _apply(work, near, context, frozenset({DUPLICATE}), address_wanted=False, goes_by_itself=False)


def revalidate(work: UnitOfWork, among: Collection[OrderId] | None = None) -> list[Hold]:
    """Look again at orders whose items were not known or not for sale; a hold that is over releases itself.

    Args:
        among: only these orders; None: all of the site.

    Returns:
        The holds of these reasons that went away, in the order of the orders.
    """
    waiting = (
        select(order_hold.c.order_id)
        .where(
            order_hold.c.site_id == work.site_id,
            order_hold.c.released_at.is_(None),
            order_hold.c.reason.in_(ITEM_REASONS),
        )
        .distinct()
    )
    order_ids = {OrderId(order_id) for order_id in work.conn.execute(waiting).scalars()}
    facts = _facts(work, order_ids if among is None else order_ids.intersection(among))
    return _apply(work, facts, facts, ITEM_REASONS, address_wanted=False, goes_by_itself=True)


def release_hold(work: UnitOfWork, order_ref: str, reason: str, by: str) -> None:
    """A person lets an order go although ``reason`` stands against it; other holds of the order stay.

    Raises:
        HoldRefused: no such order, more than one, or no such hold that is still open.
    """
    found = work.conn.execute(
        select(orders.c.order_id, orders.c.status)
        .where(orders.c.site_id == work.site_id, orders.c.order_ref == order_ref)
        .order_by(orders.c.order_id)
        .with_for_update()
    ).all()
    if not found:
        raise HoldRefused(f"There is no order {order_ref}. Check its reference.")
    holds = [
        hold
        for row in found
        for hold in _holds(work, [row.order_id])
        if hold.reason == reason and hold.released_at is None
    ]
    if not holds:
        waiting = sorted(
            {hold.reason for row in found for hold in _holds(work, [row.order_id]) if not hold.released_at}
        )
        raise HoldRefused(f"Order {order_ref} has no open hold {reason!r}. Open are: {', '.join(waiting) or 'none'}.")
    if len(holds) > 1:
        raise HoldRefused(
            f"{len(holds)} orders of different sources are called {order_ref} and are on hold {reason!r}."
        )
    hold = holds[0]
    _release(work, [(hold.order_id, reason)], by)
    set_status(work, [hold.order_id])


# --- facts from the record --------------------------------------------------------------------------------------------


def _facts(work: UnitOfWork, order_ids: Collection[OrderId]) -> dict[OrderId, OrderFacts]:
    facts: dict[OrderId, OrderFacts] = {}
    for some in in_parts(sorted(order_ids)):
        demand: defaultdict[int, list[Demand]] = defaultdict(list)
        for line in work.conn.execute(
            select(order_line)
            .where(order_line.c.site_id == work.site_id, order_line.c.order_id.in_(some))
            .order_by(order_line.c.order_line_id)
        ):
            pieces = line.ordered - line.cancelled
            demand[line.order_id].append(Demand(ItemId(line.item_id), pieces, line.description, line.declared_value))
        rows = work.conn.execute(
            select(orders)
            .where(orders.c.site_id == work.site_id, orders.c.order_id.in_(some))
            .order_by(orders.c.order_id)
            .with_for_update()
        )
        facts |= {OrderId(row.order_id): _order_facts(row, demand[row.order_id]) for row in rows}
    return facts


def _order_facts(row: Row[Any], demand: Sequence[Demand]) -> OrderFacts:
    return OrderFacts(
        order_id=OrderId(row.order_id),
        ref=row.order_ref,
        source=row.source,
        customer=row.customer,
        ordered_at=row.ordered_at,
        cancelled=row.status == "cancelled",
        ship_name=row.ship_name,
        ship_lines=tuple(row.ship_lines),
        ship_postcode=row.ship_postcode,
        ship_city=row.ship_city,
        ship_country=row.ship_country,
        demand=tuple(demand),
    )


def _same_customers(work: UnitOfWork, touched: dict[OrderId, OrderFacts]) -> list[OrderId]:
    """Orders of the same customers, as far back and ahead as a neighbour's neighbour may stand."""
    moments = [one.ordered_at for one in touched.values() if one.ordered_at is not None]
    customers = sorted({one.customer for one in touched.values() if one.customer is not None})
    if not moments:
        return []
    since, until = min(moments) - 2 * DUPLICATE_WITHIN, max(moments) + 2 * DUPLICATE_WITHIN
    sources = {one.source for one in touched.values()}
    return [
        OrderId(order_id)
        for some in in_parts(customers)
        for order_id in work.conn.execute(
            select(orders.c.order_id).where(
                orders.c.site_id == work.site_id,
                orders.c.customer.in_(some),
                orders.c.source.in_(sources),
                orders.c.ordered_at.between(since, until),
            )
        ).scalars()
        if order_id not in touched
    ]


def _near(one: OrderFacts, other: OrderFacts) -> bool:
    if one.customer is None or one.customer != other.customer or one.source != other.source:
        return False
    if one.ordered_at is None or other.ordered_at is None:
        return False
    return abs(one.ordered_at - other.ordered_at) <= DUPLICATE_WITHIN


def _sellable(work: UnitOfWork, items: Iterable[ItemId]) -> dict[ItemId, bool]:
    return {
        ItemId(row.item_id): row.sellable
        for some in in_parts(sorted(set(items)))
        for row in work.conn.execute(
            select(item.c.item_id, item.c.sellable).where(item.c.site_id == work.site_id, item.c.item_id.in_(some))
        )
    }


def _holds(work: UnitOfWork, order_ids: Collection[OrderId]) -> list[Row[Any]]:
    return [
        row
        for some in in_parts(sorted(order_ids))
        for row in work.conn.execute(
            select(order_hold)
            .where(order_hold.c.site_id == work.site_id, order_hold.c.order_id.in_(some))
            .order_by(order_hold.c.order_id, order_hold.c.reason)
        )
    ]


# --- what follows from them -------------------------------------------------------------------------------------------


def _apply(
    work: UnitOfWork,
    judged: dict[OrderId, OrderFacts],
    context: dict[OrderId, OrderFacts],
    reasons: Collection[str],
    *,
    address_wanted: bool,
    goes_by_itself: bool,
) -> list[Hold]:
    """Make the holds of these reasons what they must be; gives those that are over."""
    sellable = _sellable(work, (line.item_id for order in judged.values() for line in order.demand))
    by_customer: defaultdict[tuple[str, str | None], list[OrderFacts]] = defaultdict(list)
    for order in context.values():
        by_customer[order.source, order.customer].append(order)
    standing = {(row.order_id, row.reason): row for row in _holds(work, judged) if row.reason in reasons}
    raised: list[dict[str, Any]] = []
    over = dict(standing)
    for order in judged.values():
        same_customer = by_customer[order.source, order.customer] if order.customer is not None else ()
        for reason, text in holds_due(order, sellable, same_customer, address_wanted=address_wanted).items():
            old = over.pop((order.order_id, reason), None)
            if reason in reasons and (old is None or old.text != text):
                since = old.raised_at if old is not None and old.released_at is None else work.now
                raised.append({"order_id": order.order_id, "reason": reason, "text": text, "raised_at": since})
    cleared = {"released_at": None, "released_by": None}
    work.upsert(order_hold, [row | cleared for row in raised])
    gone = [key for key, row in over.items() if row.released_at is None]
    if goes_by_itself:
        _release(work, gone, BY_STORE)
    else:
        _remove(work, gone)
    if raised or gone:
        set_status(work, judged)
    return [Hold(judged[order_id].ref, reason, standing[order_id, reason].text) for order_id, reason in gone]


def _release(work: UnitOfWork, holds: Sequence[tuple[OrderId, str]], by: str) -> None:
    if holds:
        work.conn.execute(
            update(order_hold).where(_this_hold(work)).values(released_at=work.now, released_by=by),
            [{"of_order": order_id, "for_reason": reason} for order_id, reason in holds],
        )


def _remove(work: UnitOfWork, holds: Sequence[tuple[OrderId, str]]) -> None:
    if holds:
        work.conn.execute(
            delete(order_hold).where(_this_hold(work)),
            [{"of_order": order_id, "for_reason": reason} for order_id, reason in holds],
        )


def _this_hold(work: UnitOfWork) -> Any:
    return and_(
        order_hold.c.site_id == work.site_id,
        order_hold.c.order_id == bindparam("of_order"),
        order_hold.c.reason == bindparam("for_reason"),
    )


def set_status(work: UnitOfWork, order_ids: Collection[OrderId]) -> None:
    """An order with an open hold is held, any other open, but a cancelled one stays cancelled."""
    held = {row.order_id for row in _holds(work, order_ids) if row.released_at is None}
    changed = [
        {"of_order": row.order_id, "to_status": "held" if row.order_id in held else "open"}
        for some in in_parts(sorted(order_ids))
        for row in work.conn.execute(
            select(orders.c.order_id, orders.c.status).where(
                orders.c.site_id == work.site_id, orders.c.order_id.in_(some), orders.c.status != "cancelled"
            )
        )
        if (row.status == "held") != (row.order_id in held)
    ]
    if changed:
        work.conn.execute(
            update(orders)
            .where(orders.c.site_id == work.site_id, orders.c.order_id == bindparam("of_order"))
            .values(status=bindparam("to_status")),
            changed,
        )
        tell_pack_stations(work, [row["of_order"] for row in changed])


def tell_pack_stations(work: UnitOfWork, order_ids: Collection[OrderId]) -> None:
    """What may be packed of these orders has changed: their totes' rows go out again."""
    for some in in_parts(sorted(order_ids)):
        waiting = select(tote.c.tote).where(
            tote.c.site_id == work.site_id, tote.c.order_id.in_(some), tote.c.status == "to_pack"
        )
        for code in work.conn.execute(waiting).scalars():
            work.touch("packing", code, PACK_STATIONS)


def in_parts(values: Sequence[_T], size: int = 500) -> Iterator[Sequence[_T]]:
    """Slices that fit into one statement: databases limit the values that one may name."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
