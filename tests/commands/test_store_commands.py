"""`floor store` as an administrator uses it: real files, real databases, the answers and exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from floor.cli import floor
from sync.record.ids import SiteId
from sync.store.bench import Bench
from sync.store.database import Database
from tests.commands.calling import Run, store_command

DAYS = Path(__file__).parents[2] / "scripts" / "days"
DAY = DAYS / "2010-12-02.csv"
DAY_ROWS = 2109


def at(database: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("FLOORHAND_DB", database)
    monkeypatch.setenv("FLOORHAND_DATA", str(folder / "data"))
    return store_command()


@pytest.fixture
def run(any_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    return at(any_database, tmp_path, monkeypatch)


@pytest.fixture
def run_at_first(empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Where nothing has been made yet."""
    return at(empty_database, tmp_path, monkeypatch)


def small_day(folder: Path, rows: int) -> Path:
    """The first rows of the day, as a file of its own."""
    file = folder / "part.csv"
    file.write_text("".join(DAY.read_text("utf-8").splitlines(keepends=True)[: rows + 1]), "utf-8")
    return file


def answer(result: Result) -> Any:
    return json.loads(result.stdout)


def test_an_afternoon_from_nothing_to_released_work(run_at_first: Run) -> None:
    run = run_at_first
    assert answer(run("init", "--json"))["was"] == "empty"
    made = answer(run("demo-warehouse", "--catalogue", DAY, "--json"))
    assert made["site_new"] is True
    assert made["items_new"] > 900
    imported = answer(run("--json", "import-orders", "--profile", "online-retail", DAY))["files"][0]
    assert imported["rows"] == DAY_ROWS
    assert sum(imported["outcomes"].values()) == DAY_ROWS
    released = answer(run("release", "--json"))
    assert released["allocation"]["pieces_reserved"] == released["release"]["pieces"] > 0
    stands = answer(run("report", "--json"))
    assert stands["lists"]["open"] == len(released["release"]["lists"])
    assert answer(run("reconcile", "--json"))["ok"] is True


def test_everything_again_changes_nothing_and_says_so(run: Run, tmp_path: Path) -> None:
    file = small_day(tmp_path, 40)
    run("init")
    run("demo-warehouse", "--catalogue", file)
    run("import-orders", "--profile", "online-retail", file)
    before = answer(run("report", "--json"))
    assert answer(run("init", "--json"))["was"] == "current"
    assert answer(run("demo-warehouse", "--catalogue", file, "--json"))["items_new"] == 0
    assert "the very same file" in run("import-orders", "--profile", "online-retail", file).stdout
    assert answer(run("report", "--json")) == before


def test_a_dry_run_gives_the_same_answer_and_writes_nothing(run: Run, tmp_path: Path) -> None:
    file = small_day(tmp_path, 60)
    run("init")
    run("demo-warehouse", "--catalogue", file)
    before = answer(run("report", "--json"))
    tried = answer(run("import-orders", "--profile", "online-retail", "--dry-run", file, "--json"))
    assert answer(run("report", "--json")) == before
    done = answer(run("import-orders", "--profile", "online-retail", file, "--json"))
    assert tried == done | {"dry_run": True}


def test_a_refused_file_ends_with_one_and_the_others_go_in(run: Run, tmp_path: Path) -> None:
    file = small_day(tmp_path, 20)
    nonsense = tmp_path / "nonsense.csv"
    nonsense.write_text("no,orders\n1,2\n", "utf-8")
    run("init")
    run("demo-warehouse", "--catalogue", file)
    result = run("import-orders", "--profile", "online-retail", nonsense, file, exit_code=1)
    assert "REFUSED, nothing of it was imported" in result.stdout
    assert "20 rows imported" in result.stdout


def test_rows_that_are_no_order_lines_are_named_with_their_reasons(run: Run, tmp_path: Path) -> None:
    run("init")
    run("demo-warehouse", "--catalogue", DAY)
    result = answer(run("import-orders", "--profile", "online-retail", "--rows", DAY, "--json"))["files"][0]
    refused = [row for row in result["row_results"] if row["outcome"] == "refused"]
    assert [(row["item"], row["reason"]) for row in refused] == [("BANK CHARGES", "not-goods"), ("POST", "not-goods")]
    lines = DAY.read_text("utf-8").splitlines()
    assert all(row["ref"] in lines[row["line"] - 1] for row in result["row_results"])


def test_a_person_releases_a_hold_by_name(run: Run, tmp_path: Path) -> None:
    file = small_day(tmp_path, 30)
    run("init")
    run("import-orders", "--profile", "online-retail", file)
    held = answer(run("holds", "--json"))
    assert {hold["reason"] for hold in held} == {"item-unknown"}
    ref = held[0]["order_ref"]
    run("release-hold", ref, "item-unknown", "--by", "Ruth")
    assert ref not in {hold["order_ref"] for hold in answer(run("holds", "--json"))}
    assert run("release-hold", ref, "item-unknown", "--by", "Ruth", exit_code=1).stderr


def test_nothing_is_shipped_while_nothing_is_packed(run: Run, tmp_path: Path) -> None:
    run("init")
    run("demo-warehouse", "--catalogue", small_day(tmp_path, 20))
    assert answer(run("ship", "--json"))["cartons"] == 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("sqlite://", "keeps nothing"),
        ("a://b c:/", "no database URL"),
        ("postgresql://u:SECRET@localhost:notaport/x", "no database URL"),
        ("postgresql:/u:SECRET@localhost/x", "no database URL"),
        ("postgresql://u@127.0.0.1:1/none?password=SECRET", "does not open"),
        ("mysql://somewhere/db", "is not supported"),
        ("postgresql://nobody@127.0.0.1:1/none", "does not open"),
        ("/proc/none/store.db", "There is no store"),
    ],
)
def test_a_database_that_cannot_be_used_is_named_with_what_to_do(given: str, said: str) -> None:
    result = CliRunner().invoke(floor, ["store", "report", "--db", given])
    assert result.exit_code == 3
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert "SECRET" not in result.output


def test_a_store_that_was_not_made_yet_is_not_made_by_looking(tmp_path: Path) -> None:
    file = tmp_path / "none.db"
    result = CliRunner().invoke(floor, ["store", "--db", str(file), "report"])
    assert result.exit_code == 3
    assert "floor store init" in result.stderr
    assert not file.exists()


def test_a_file_that_is_not_there_is_named(run: Run, tmp_path: Path) -> None:
    run("init")
    assert (
        "cannot be read" in run("import-orders", "--profile", "online-retail", tmp_path / "x.csv", exit_code=3).stderr
    )
    assert "There is no profile" in run("import-orders", "--profile", "shop", DAY, exit_code=3).stderr


def test_nothing_to_settle_is_said(run: Run, tmp_path: Path) -> None:
    run("init")
    run("demo-warehouse", "--catalogue", small_day(tmp_path, 20))
    assert "agree" in run("discrepancies").stdout
    assert "There is no discrepancy" in run("settle", "none", "--by", "Ruth", "--how", "accept", exit_code=1).stderr


def test_a_discrepancy_is_settled_once_and_kept(run: Run, any_database: str, tmp_path: Path) -> None:
    run("init")
    run("demo-warehouse", "--catalogue", small_day(tmp_path, 20))
    database = Database(any_database)
    with database.write(SiteId("DEMO")) as work:
        bench = Bench(work)
        bench.discrepancy("event-1", "empty", "A01-01-1 was reported empty; count it", place="location:A01-01-1")
        bench.flush()
    database.close()
    (opened,) = answer(run("discrepancies", "--json"))
    assert (opened["kind"], opened["settled_at"]) == ("empty", None)
    run("settle", opened["discrepancy_id"], "--by", "Ruth", "--how", "accept", "--note", "three there")
    assert answer(run("discrepancies", "--json")) == []
    again = run("settle", opened["discrepancy_id"], "--by", "Karl", "--how", "accept", exit_code=1)
    assert "settled by Ruth" in again.stderr
    (kept,) = answer(run("discrepancies", "--all", "--json"))
    assert (kept["settled_by"], kept["settlement"]) == ("Ruth", "accept: three there")


@pytest.mark.parametrize("command", ["release", "report", "holds", "reconcile", "discrepancies", "ship"])
def test_a_site_that_is_none_is_named_and_no_empty_warehouse(run: Run, command: str) -> None:
    run("init")
    result = run("--site", "NOPE", command, exit_code=3)
    assert "There is no site NOPE" in result.stderr
    assert not result.stdout


def test_a_site_name_that_no_terminal_could_say_is_refused(run: Run) -> None:
    run("init")
    assert "can be no site's name" in run("--site", "X Y", "report", exit_code=3).stderr


@pytest.mark.parametrize("name", ["", "  ", "x\x1b[31m"])
def test_who_decides_is_a_name(run: Run, name: str) -> None:
    run("init")
    run("release-hold", "1", "item-unknown", "--by", name, exit_code=2)


def test_an_address_that_is_not_ours_is_said(run: Run) -> None:
    run("init")
    assert (
        "cannot be listened on"
        in run("serve", "--plain-http", "--host", "203.0.113.1", "--port", "0", exit_code=3).stderr
    )


def test_a_terminal_without_a_terminal_is_refused() -> None:
    result = CliRunner().invoke(floor, ["terminal"])
    assert result.exit_code == 2
    assert "start it in one" in result.output
