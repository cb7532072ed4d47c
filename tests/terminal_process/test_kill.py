"""A terminal that is killed: whatever it has confirmed is in the store once, and it goes on where it stood."""

from __future__ import annotations

import json
import os
import random
import select
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from floor.store_process import StoreProcess
from tests.days.released import SITE, release_orders, store_with_orders
from tests.house.tree import REPOSITORY
from tests.store.order_files import csv_bytes, row
from tests.terminal_process.by_hand import BADGE, PLACE, TOTE, scan, start_terminal, stops

KILLS = 20
PIECES = {"22720": 55, "85123A": 60, "71053": 50, "84879": 65}
BY_ITSELF = 6
"""So many of the kills strike between the record and its answer for certain."""
SCANS = 1 + sum(PIECES.values()) + 2 * len(PIECES)
"""A tote is bound, and each line is a location, its pieces and the tote."""
PATIENCE_S = 60.0


class Picking:
    """The program as a child: what it has said, as far as the lines are whole."""

    def __init__(self, folder: Path, store_url: str, *options: str) -> None:
        self._buffer = b""
        self._program = subprocess.Popen(
            [sys.executable, "-m", "tests.terminal_process.picking_program", str(folder), store_url, *options],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
        )
        assert self._program.stdout is not None
        self._out = self._program.stdout.fileno()

    def speaks_within(self, wait_s: float) -> bool:
        return bool(select.select([self._out], [], [], wait_s)[0])

    def next(self) -> dict[str, Any] | None:
        """The next line; None at the end of what it says."""
        end_s = time.monotonic() + PATIENCE_S
        while b"\n" not in self._buffer:
            assert self.speaks_within(max(0, end_s - time.monotonic())), "it says nothing any more"
            part = os.read(self._out, 65536)
            if not part:
                return None
            self._buffer += part
        line, _, self._buffer = self._buffer.partition(b"\n")
        said: dict[str, Any] = json.loads(line)
        return said

    def rest(self) -> Iterator[dict[str, Any]]:
        while (said := self.next()) is not None:
            yield said

    def kill(self) -> None:
        self._program.kill()
        self._program.wait(PATIENCE_S)

    def ended_well(self) -> bool:
        return self._program.wait(PATIENCE_S) == 0

    def close(self) -> None:
        self.kill()
        assert self._program.stdout is not None
        self._program.stdout.close()


@contextmanager
def picking(folder: Path, store_url: str, *options: str) -> Iterator[Picking]:
    program = Picking(folder, store_url, *options)
    try:
        yield program
    finally:
        program.close()


class Witness:
    """Keeps what was confirmed and compares what each new start says with it."""

    def __init__(self) -> None:
        self.confirmed: set[str] = set()
        self.seen: Counter[str] = Counter()
        self._last: dict[str, Any] | None = None

    def heard(self, said: dict[str, Any]) -> None:
        self._last = said
        if said["last_event"] is not None:
            self.confirmed.add(said["last_event"])

    def begun_again(self, first: dict[str, Any]) -> None:
        """What it says first must be what it said last, or one answer more that it did not come to say."""
        last = self._last
        if last is not None and last["answers"] is not None:
            more = first["answers"] - last["answers"]
            assert more in (0, 1), (last, first)
            if not more:
                assert [first[name] for name in ("step", "values", "count")] == [
                    last[name] for name in ("step", "values", "count")
                ]
            # A scan that no answer came of was not counted, and the worker is told to make it again.
            if first["notice"] == "unanswered_scans":
                assert not more
                self.seen["scan told to be made again"] += 1
            self.seen["recorded and not said" if more else "as said"] += 1
        self.heard(first)


def test_a_terminal_killed_at_twenty_moments_of_a_list_loses_and_doubles_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    rows = [row(item=item, quantity=str(pieces)) for item, pieces in PIECES.items()]
    store_with_orders(url, ("order.csv", csv_bytes(rows)))
    release_orders(url)
    witness, chance = Witness(), random.Random(20101202)
    with StoreProcess(url, SITE, log=tmp_path / "store.log", enrol_loopback=True) as store:
        with picking(tmp_path / "terminal", store.url) as program:
            to_the_first_pick(program, witness)
        for number in range(1, KILLS):
            if number <= BY_ITSELF:
                with picking(tmp_path / "terminal", store.url, str(chance.randrange(1, 5))) as program:
                    hear_all(program, witness)
            else:
                with picking(tmp_path / "terminal", store.url) as program:
                    kill_somewhere(program, witness, chance)
        with picking(tmp_path / "terminal", store.url) as program:
            said = hear_all(program, witness)
            assert program.ended_well()
    assert said[0]["answers"] < SCANS - 10, "the list was at its end before the kills were"
    assert said[-1]["step"] == "handed_over"
    assert witness.seen["recorded and not said"] >= BY_ITSELF
    assert witness.seen["as said"]
    the_store_has_each_pick_once(url, witness.confirmed)


def to_the_first_pick(program: Picking, witness: Witness) -> None:
    """Up to a list in hand, and the first kill."""
    for said in program.rest():
        witness.heard(said)
        if said["step"] == "pick":
            break
    program.kill()
    for said in program.rest():
        witness.heard(said)


def kill_somewhere(program: Picking, witness: Witness, chance: random.Random) -> None:
    """Kill it while it starts, or a moment after one of its next answers; hear what it said up to then."""
    answers = chance.randrange(4)
    if answers == 0:
        program.speaks_within(chance.uniform(0, 0.5))
        program.kill()
        hear_all(program, witness)
        return
    first = program.next()
    assert first is not None
    witness.begun_again(first)
    for _ in range(answers - 1):
        said = program.next()
        assert said is not None
        witness.heard(said)
    time.sleep(chance.uniform(0, 0.005))  # a moment by chance: nothing waits for it
    program.kill()
    for said in program.rest():
        witness.heard(said)


def hear_all(program: Picking, witness: Witness) -> list[dict[str, Any]]:
    """Everything it says until it ends: the first is what it began with."""
    said = list(program.rest())
    for number, each in enumerate(said):
        if number:
            witness.heard(each)
        else:
            witness.begun_again(each)
    return said


def the_store_has_each_pick_once(url: str, confirmed: set[str]) -> None:
    engine = create_engine(url)
    with engine.connect() as conn:
        events = conn.execute(text("SELECT event_id, kind, verdict, body FROM event ORDER BY seq")).all()
        lines = conn.execute(text("SELECT item_id, asked, picked, put, shorted, surplus FROM pick_line")).all()
        in_totes = conn.execute(text("SELECT item_id, SUM(quantity) FROM tote_content GROUP BY item_id")).all()
        discrepancies = conn.execute(text("SELECT COUNT(*) FROM discrepancy")).scalar_one()
    engine.dispose()
    times = Counter(event.event_id for event in events)
    assert {event_id: times[event_id] for event_id in confirmed if times[event_id] != 1} == {}
    assert {event.verdict for event in events} == {"accepted"}
    kinds = Counter(event.kind for event in events)
    assert kinds["picked@1"] == sum(PIECES.values())
    assert sum(json.loads(event.body)["data"]["quantity"] for event in events if event.kind == "picked@1") == sum(
        PIECES.values()
    )
    assert (kinds["put_in_tote@1"], kinds["list_handed_over@1"], kinds["claimed_list@1"]) == (len(PIECES), 1, 1)
    assert {line.item_id: (line.asked, line.picked, line.put, line.shorted, line.surplus) for line in lines} == {
        item: (pieces, pieces, pieces, 0, 0) for item, pieces in PIECES.items()
    }
    assert dict(in_totes) == PIECES
    assert discrepancies == 0


def test_floor_terminal_killed_in_a_line_comes_back_at_the_same_piece(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    store_with_orders(url, ("order.csv", csv_bytes([row(quantity="9")])))
    release_orders(url)
    [(location, item, pieces)] = stops(url)
    with StoreProcess(url, SITE, log=tmp_path / "store.log", enrol_loopback=True) as store:
        with closing(start_terminal(tmp_path / "terminal", store.url)) as screen:
            screen.until_shown("Scan your badge")
            screen.until(lambda: screen.grid.rows()[-1].startswith("OK"), "the link to the store")
            scan(screen, BADGE)
            screen.until_shown("1 Pick")
            screen.type("1")
            screen.until_shown("Scan an empty tote")
            scan(screen, TOTE)
            screen.until_shown("Scan the location")
            scan(screen, location)
            screen.until_shown("Scan the item")
            for count in range(1, 6):
                scan(screen, item)
                screen.until_shown(f"{count} of {pieces}")
            screen.kill()
        with closing(start_terminal(tmp_path / "terminal", store.url)) as screen:
            screen.until_shown(f"5 of {pieces}")
            for count in range(6, pieces + 1):
                scan(screen, item)
                screen.until_shown(f"{count} of {pieces}", "Put it in and scan")
            screen.until_shown("Put it in and scan")
            scan(screen, TOTE)
            screen.until_shown("Put the totes down")
            scan(screen, PLACE)
            screen.until_shown("Handed over")
            screen.until(lambda: screen.grid.rows()[-1].startswith("OK"), "the link to the store")
            screen.until(lambda: is_handed_over(url), "the hand-over at the store")
    engine = create_engine(url)
    with engine.connect() as conn:
        picks = conn.execute(text("SELECT body FROM event WHERE kind = 'picked@1' ORDER BY seq")).scalars().all()
        line = conn.execute(text("SELECT picked, put FROM pick_line")).one()
    engine.dispose()
    assert [json.loads(body)["data"]["quantity"] for body in picks] == [1] * pieces
    assert tuple(line) == (pieces, pieces)


def is_handed_over(url: str) -> bool:
    engine = create_engine(url)
    with engine.connect() as conn:
        status = conn.execute(text("SELECT status FROM pick_list")).scalar_one()
    engine.dispose()
    return bool(status == "handed_over")
