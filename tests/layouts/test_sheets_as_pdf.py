"""`floor sheets --pdf`: one file for each kind, read back."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from floor.cli import floor
from floor.commands.sheets import _write_pdf
from sync.record.codes.own import barcode_of
from tests.commands.calling import Run
from tests.commands.test_store_commands import run, small_day
from tests.layouts.pdf_reading import pages_of
from tests.zpl_rendering import decode

__all__ = ["run"]


def test_every_badge_is_read_back_from_one_file(run: Run, tmp_path: Path) -> None:
    run("init")
    run("demo-warehouse", "--catalogue", small_day(tmp_path, 20))
    result = CliRunner().invoke(floor, ["sheets", "--pdf", "--out", str(tmp_path / "sheets"), "badges"])
    assert result.exit_code == 0, result.output
    pages = pages_of((tmp_path / "sheets" / "badges.pdf").read_bytes())
    read = {code.text for page in pages for code in decode(page.bars)}
    assert {barcode_of(f"B-{number}") for number in range(1001, 1013)} <= read


def test_a_kind_of_which_there_is_nothing_writes_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _write_pdf("totes", [], tmp_path)
    assert capsys.readouterr().out == "totes: there are none, so no file is written\n"
    assert not list(tmp_path.iterdir())
