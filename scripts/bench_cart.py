"""The terminal's answer on a long walk: a cart of 40 orders and 400 lines, the real program on a line of 20x16."""

from __future__ import annotations

import os
import re
import select
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench_rows import Row, row_of
from bench_terminal import SCAN_PAUSE_S, store, terminal
from sqlalchemy import create_engine, text, update

from sync.record.codes.own import barcode_of, location_barcode
from sync.store.site_files.files import SiteFile
from sync.store.site_files.setting import set_file
from sync.store.tables import site
from sync.store.unit_of_work import UnitOfWork
from tests.days.released import in_store, release_orders, store_with_orders
from tests.store.order_files import csv_bytes, row
from tests.terminal_process.by_hand import BADGE
from tests.terminal_process.screen import OnScreen

ORDERS = 40
LINES_OF_AN_ORDER = 10
ITEMS = 100
PIECES = "2"
STOPS = 50
"""Of the hundred stops with four orders each: as many are walked."""
WARM_UP = 30
CARTS = f"""
[[cart]]
name = "cart-{ORDERS}"
positions = {ORDERS}
lines_max = 1000
"""
WAVES = f"""
[[rule]]
name = "all on one cart"
way = "batch"
cart = "cart-{ORDERS}"
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One scan and what is painted when it was answered."""

    code: str
    answer: str


def cart_rows() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="floorhand-bench-") as name:
        folder = Path(name)
        url = f"sqlite:///{folder / 'store.db'}"
        lines = put_on_a_cart(url)
        steps = list(walk(url))
        with store(url, folder) as store_url, closing(terminal(folder / "terminal", store_url)) as screen:
            bind_totes(screen)
            took_ms = [one_scan(screen, step) for step in steps]
    what = f"the same on a cart of {ORDERS} orders and {lines} lines"
    return [row_of(what, "ms", took_ms[WARM_UP:], median_limit=16, p99_limit=50)]


def put_on_a_cart(url: str) -> int:
    """A store with one open list of all orders; returns how many lines it has."""
    wanted = [
        row(
            ref=str(600001 + order),
            item=str(20000 + (order * LINES_OF_AN_ORDER + number) % ITEMS),
            quantity=PIECES,
            customer=f"{17000 + order}.0",  # else they would be the same order sent twice
        )
        for order in range(ORDERS)
        for number in range(LINES_OF_AN_ORDER)
    ]
    store_with_orders(url, ("order.csv", csv_bytes(wanted)))
    in_store(url, lambda work: set_file(work, SiteFile.CARTS, CARTS, by="bench"))
    in_store(url, lambda work: set_file(work, SiteFile.WAVES, WAVES, by="bench"))
    in_store(url, ask_nothing_at_zero)
    report = release_orders(url)
    if len(report.lists) != 1:
        raise AssertionError(f"they were to be one list, and are {len(report.lists)}")
    return report.lines


def ask_nothing_at_zero(work: UnitOfWork) -> None:
    """A question in between is not an answer to a scan."""
    rules = work.conn.execute(site.select()).mappings().one()["rules"]
    work.conn.execute(update(site).values(rules={**rules, "zero_check": False}))


def walk(url: str) -> Iterator[Step]:
    """Every scan of the first stops: location, pieces, and the tote of each order that stands at its position."""
    engine = create_engine(url)
    with engine.connect() as conn:
        found = conn.execute(
            text(
                "SELECT l.position, l.location, b.gtin, l.lot, l.lots_here, l.asked, p.position AS on_cart "
                "FROM pick_line l JOIN item_barcode b ON b.item_id = l.item_id AND b.packaging = 'each' "
                "JOIN list_order p ON p.list_id = l.list_id AND p.order_id = l.order_id "
                "ORDER BY l.position, l.line_id"
            )
        ).all()
    engine.dispose()
    stops: dict[tuple[str, str, str], list[Any]] = {}
    for line in found:
        stops.setdefault((line.location, line.gtin, line.lot), []).append(line)
    for lines in list(stops.values())[:STOPS]:
        yield from _stop(sorted(lines, key=lambda line: int(line.on_cart)))


def _stop(lines: list[Any]) -> Iterator[Step]:
    location, gtin, lot = lines[0].location, lines[0].gtin, lines[0].lot
    asked = sum(line.asked for line in lines)
    totes = list(dict.fromkeys(_tote(line.on_cart) for line in lines))
    yield Step(location_barcode(location), "[Ss]can( the)? item")
    for done in range(1, asked + 1):
        answer = _count(done, asked) if done < asked else totes[0]
        if lines[0].lots_here > 1:
            yield Step(gtin.removeprefix("0"), "Scan (the )?lot")
            yield Step(lot, answer)
        else:
            yield Step(gtin.removeprefix("0"), answer)
    for tote, after in zip(totes, [*totes[1:], "Scan (the )?location"], strict=True):
        yield Step(barcode_of(tote), after)


def _count(done: int, asked: int) -> str:
    return rf"(?<!\d){done} of {asked}(?!\d)"


def _tote(position: int) -> str:
    return f"T-{position:06d}"


def bind_totes(screen: OnScreen) -> None:
    screen.until_shown("Scan your badge")
    screen.until(lambda: screen.grid.rows()[-1].startswith("OK"), "the link to the store")
    screen.type(f"{BADGE}\r")
    screen.until_shown("1 Pick")
    screen.type("1")
    time.sleep(0.5)  # a scan that follows a typed digit within a blink is taken for the rest of a broken one
    for position in range(1, ORDERS + 1):
        screen.until(partial(_shows, screen, str(position)), f"position {position}")
        screen.type(f"{barcode_of(_tote(position))}\r")
    screen.until_shown("Scan the location", "Scan location")


def _shows(screen: OnScreen, headline: str) -> bool:
    return any(line.strip() == headline for line in screen.grid.rows())


def one_scan(screen: OnScreen, step: Step) -> float:
    while screen.read(0) and select.select([screen.line], [], [], 0)[0]:
        pass  # what was painted besides, such as the link
    answer, painted = re.compile(step.answer.encode()), b""
    os.write(screen.line, step.code.encode())
    begun = time.perf_counter()
    os.write(screen.line, b"\r")
    while not answer.search(painted):
        if not select.select([screen.line], [], [], 10)[0]:
            raise AssertionError(f"no answer to {step}: {painted[-500:]!r}")
        painted += os.read(screen.line, 65536)
    took_ms = (time.perf_counter() - begun) * 1000
    time.sleep(SCAN_PAUSE_S)
    return took_ms
