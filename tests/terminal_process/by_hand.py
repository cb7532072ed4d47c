"""What a worker at `floor terminal` needs at hand: the program, the barcodes of a list, a well-filled record."""

from __future__ import annotations

import sys
from pathlib import Path

from sqlalchemy import create_engine, text

from sync.record.codes.own import barcode_of, location_barcode
from sync.record.facts import ClaimedList
from sync.record.ids import BadgeCode, PickListId, TerminalId
from sync.record.rows import PickLineRow
from sync.terminal.enrolment import enrol
from sync.terminal.session import open_session
from tests.days.released import SITE
from tests.house.tree import REPOSITORY
from tests.terminal_process.screen import OnScreen

FLOOR = Path(sys.executable).with_name("floor")
BADGE = barcode_of("B-1001")
TOTE = barcode_of("T-000001")
PLACE = location_barcode("PACK01")
TERMINAL = TerminalId("HH-01")
BACK = "\x1bOR"
PATIENCE_S = 60.0


def terminal_command(folder: Path, store_url: str) -> list[str | Path]:
    """`floor terminal` as somebody would start it, with a scanner that sends RS before each code.

    So a scan that follows a typed digit within a blink is not taken for the rest of a broken one.
    """
    profile = folder.with_suffix(".toml")
    profile.write_text('[wedge]\nprefix = "\\u001e"\n', "utf-8")
    command: list[str | Path] = [FLOOR, "terminal", "--profile", profile]
    return [*command, "--store", store_url, "--id", TERMINAL, "--data", folder]


def start_terminal(folder: Path, store_url: str) -> OnScreen:
    return OnScreen(terminal_command(folder, store_url), cwd=REPOSITORY)


def scan(screen: OnScreen, code: str) -> None:
    """As a keyboard wedge sends it."""
    screen.type(f"\x1e{code}\r")


def stops(url: str) -> list[tuple[str, str, int]]:
    """Location barcode, item number and pieces of every released line, in walking order."""
    engine = create_engine(url)
    with engine.connect() as conn:
        rows = conn.execute(
            text(
                "SELECT l.location, b.gtin, l.asked FROM pick_line l JOIN item_barcode b ON b.item_id = l.item_id "
                "WHERE b.packaging = 'each' ORDER BY l.position, l.line_id"
            )
        ).all()
    engine.dispose()
    return [(location_barcode(location), gtin.removeprefix("0"), asked) for location, gtin, asked in rows]


def hold_open_lines(url: str, store_url: str, folder: Path, count: int) -> int:
    """Let the terminal in ``folder`` hold lists of at least ``count`` open lines; returns how many its record has."""
    engine = create_engine(url)
    with engine.connect() as conn:
        lists = conn.execute(text("SELECT list_id, line_count FROM pick_list ORDER BY line_count DESC")).all()
    engine.dispose()
    claims, lines = [], 0
    for list_id, line_count in lists:
        if lines < count:
            claims.append(ClaimedList(list_id=PickListId(list_id)))
            lines += line_count
    enrol(folder, store_url, SITE, TERMINAL)
    session = open_session(folder, site_id=SITE, terminal_id=TERMINAL, store_url=store_url)
    try:
        session.start()
        assert session.wait_for(lambda: session.site() is not None, PATIENCE_S)
        worker = session.worker_by_badge(BadgeCode("B-1001"))
        assert worker is not None
        session.record(claims, worker_id=worker.worker_id)
        assert session.drain(PATIENCE_S)
        return sum(isinstance(row, PickLineRow) for row in session.rows("pick_line"))
    finally:
        session.close()
