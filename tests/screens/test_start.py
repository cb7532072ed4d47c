"""What the app loads: a hand-held starts cold within a second."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {
    "PIL",
    "alembic",
    "argon2",
    "httpx",
    "litestar",
    "msgspec",
    "numpy",
    "psycopg",
    "serial",
    "sqlalchemy",
    "uvicorn",
}
HEAVY |= {"zpl2", "zxingcpp", "barcode"}


def test_the_app_loads_no_server_no_database_and_no_label_library() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, floor.app; print(*sorted(sys.modules))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert "textual" in loaded
    assert {name.partition(".")[0] for name in loaded} & HEAVY == set()


def test_the_store_and_the_terminals_session_stay_out_too() -> None:
    code = "import sys, floor.app; print(*(name for name in sys.modules if name.startswith('sync.')))"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert [name for name in loaded if name.startswith(("sync.store", "sync.terminal", "sync.wire"))] == []
