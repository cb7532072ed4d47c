"""`floor terminal` as a process: what it shows first, what it has loaded, how it is left."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from floor.store_process import StoreProcess
from tests.days.released import SITE, release_orders, store_with_orders
from tests.house.tree import REPOSITORY
from tests.store.order_files import DAYS
from tests.terminal_process.by_hand import BACK, hold_open_lines, terminal_command
from tests.terminal_process.screen import OnScreen

OPEN_LINES = 500
SAYS_WHAT_IT_LOADED = """
import atexit, json, pathlib, sys
said = sys.argv.pop(1)
loaded = lambda: [name for name, module in sys.modules.items() if module]
atexit.register(lambda: pathlib.Path(said).write_text(json.dumps(loaded())))
from floor.cli import main
main()
"""
NOT_FOR_A_TERMINAL = {
    "alembic", "barcode", "litestar", "psycopg", "serial", "sqlalchemy", "starlette", "uvicorn", "zpl2", "zxingcpp"
}  # fmt: skip


def test_a_terminal_with_500_open_lines_shows_its_prompt_and_has_loaded_neither_server_nor_database(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    store_with_orders(url, (DAYS[1].name, DAYS[1].read_bytes()))
    release_orders(url)
    with StoreProcess(url, SITE, log=tmp_path / "store.log", enrol_loopback=True) as store:
        assert hold_open_lines(url, store.url, tmp_path / "terminal", OPEN_LINES) >= OPEN_LINES
        loaded = tmp_path / "loaded.json"
        _floor, *arguments = terminal_command(tmp_path / "terminal", store.url)
        screen = OnScreen([sys.executable, "-c", SAYS_WHAT_IT_LOADED, str(loaded), *arguments], cwd=REPOSITORY)
        try:
            screen.until_shown("Scan your badge")
            screen.until(lambda: screen.grid.rows()[-1].startswith("OK"), "the link to the store")
            assert len(screen.grid.rows()) == 16
            screen.type(BACK)
            screen.until_shown("Back again: quit")
            screen.type(BACK)
            assert screen.until_ended() == 0, screen.printed[-2000:]
        finally:
            screen.close()
    names = set(json.loads(loaded.read_text()))
    assert names & {"httpx._main", "rich.progress", "rich.syntax", "pygments"} == set()
    modules = {name.split(".")[0] for name in names}
    assert {"floor", "httpx", "textual"} <= modules
    assert modules & NOT_FOR_A_TERMINAL == set()
