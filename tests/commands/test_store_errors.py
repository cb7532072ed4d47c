"""With --json an error is one document on standard output, whoever finds it; without, one line on standard error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from floor.cli import floor
from sync.store.database import Database
from tests.store.floor_ledger import lay_out
from tests.store.small_site import SITE, SmallSite


def run(*words: str) -> Result:
    return CliRunner().invoke(floor, ["store", *words])


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "store.db"
    monkeypatch.setenv("FLOORHAND_DB", str(file))
    monkeypatch.setenv("FLOORHAND_SITE", SITE)
    assert run("init").exit_code == 0
    return file


@pytest.fixture
def orders(store: Path) -> None:
    """Two released orders, ``first`` with two lines and ``second``."""
    database = Database(f"sqlite:///{store}")
    lay_out(SmallSite(database, "Europe/London"))
    database.close()


@pytest.mark.parametrize(
    ("words", "exit_code", "error"),
    [
        (("report", "--site", "NOPE"), 3, "unusable"),
        (("--site", "X Y", "report"), 3, "unusable"),
        (("report", "--db", "mysql://somewhere/db"), 3, "unusable"),
        (("release-hold", "none", "by-hand", "--by", "Ruth"), 1, "refused"),
        (("settle", "none", "--by", "Ruth", "--how", "accept", "--note", "x"), 1, "refused"),
        (("hold", "none", "--by", "Ruth", "--reason", "x"), 1, "refused"),
        (("cancel", "none", "--by", "Ruth"), 1, "refused"),
        (("cancel", "none"), 2, "usage"),
        (("cancel", "none", "--quantity", "2", "--by", "Ruth"), 2, "usage"),
        (("no-such-command",), 2, "usage"),
        (("--no-such-option",), 2, "usage"),
    ],
)
@pytest.mark.usefixtures("orders")
def test_an_error_is_one_document_or_one_text(words: tuple[str, ...], exit_code: int, error: str) -> None:
    told = run(*words, "--json")
    assert told.exit_code == exit_code, told.output
    said = json.loads(told.stdout)
    assert said.keys() == {"error", "text"}
    assert said["error"] == error
    assert told.stderr == ""
    plain = run(*words)
    assert plain.exit_code == exit_code
    assert plain.stdout == ""
    assert said["text"] in plain.stderr.replace("\n", " ") or error == "usage"


@pytest.mark.usefixtures("orders")
def test_an_order_is_held_and_let_go_and_cancelled_from_the_command_line() -> None:
    held = json.loads(run("hold", "first", "--reason", "the customer called", "--by", "Ruth", "--json").stdout)
    assert (held["pieces_freed"], held["lists_ended"]) == (7, [1])
    assert "the customer called (held by Ruth)" in run("holds").stdout
    assert run("release-hold", "first", "by-hand", "--by", "Ruth").exit_code == 0
    reduced = run("cancel", "first", "--line", "1", "--quantity", "3", "--by", "Ruth")
    assert "first: reduced by Ruth, 3 pieces" in reduced.stdout
    cancelled = json.loads(run("cancel", "first", "--by", "Ruth", "--json").stdout)
    assert (cancelled["whole"], cancelled["pieces"]) == (True, 4)
    assert json.loads(run("reconcile", "--json").stdout)["ok"] is True
