"""Put walls and batches from the command line: the file of walls, the cubbies' barcodes, where a batch's pieces are."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from click.testing import CliRunner

from floor.cli import floor
from sync.record.codes.own import barcode_of
from sync.record.ids import SiteId
from sync.store import tables as t
from sync.store.database import Database
from tests.commands.calling import Run
from tests.commands.test_store_commands import answer, run, small_day

__all__ = ["run"]


def test_a_wall_is_set_by_file_and_its_cubbies_are_printed(run: Run, tmp_path: Path, any_database: str) -> None:
    run("init")
    run("demo-warehouse", "--catalogue", small_day(tmp_path, 20))
    with closing(Database(any_database)) as database, database.read() as conn:
        place = conn.scalar(t.location.select().with_only_columns(t.location.c.code).limit(1))
    file = tmp_path / "walls.toml"
    file.write_text(f'[[wall]]\nname = "7"\nlocation = "{place}"\nrows = 1\ncolumns = 3\n', "utf-8")
    run("file", "walls", "--set", file)
    result = CliRunner().invoke(floor, ["sheets", "--out", str(tmp_path), "cubbies", "totes"])
    assert result.exit_code == 0, result.output
    cubbies = "".join(page.read_text("utf-8") for page in sorted(tmp_path.glob("cubbies-*.svg")))
    assert all(barcode_of(f"W-7-A{number:02}") in cubbies for number in (1, 2, 3))
    assert "cubby of wall 7" in cubbies
    totes = "".join(page.read_text("utf-8") for page in sorted(tmp_path.glob("totes-*.svg")))
    assert barcode_of("W-7-A01") not in totes


def test_a_batch_says_where_its_pieces_are(run: Run, tmp_path: Path, any_database: str) -> None:
    run("init")
    run("demo-warehouse", "--catalogue", small_day(tmp_path, 20))
    assert "no batches" in run("batch").stdout
    database = Database(any_database)
    with database.write(SiteId("DEMO")) as work:
        row = {"batch_id": 1, "status": "sorting", "wall": "7", "made_at": work.now, "put": 3, "returned": 1}
        work.insert(t.batch, [row])
    database.close()
    (said,) = answer(run("batch", "1", "--json"))
    assert (said["put"], said["returned"], said["difference"]) == (3, 1, -4)
    assert "unaccounted for -4" in run("batch").stdout
    assert "There is no batch 9" in run("batch", "9", exit_code=1).stderr
