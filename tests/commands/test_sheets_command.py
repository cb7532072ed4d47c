"""`floor sheets`: the pages hold a card for everything that the site has."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from floor.cli import floor
from sync.record.codes.own import barcode_of
from tests.commands.calling import Run
from tests.commands.test_store_commands import run, small_day

__all__ = ["run"]


def test_every_badge_and_tote_has_its_card(run: Run, tmp_path: Path) -> None:
    run("init")
    run("demo-warehouse", "--catalogue", small_day(tmp_path, 20))
    out = tmp_path / "sheets"
    result = CliRunner().invoke(floor, ["sheets", "--out", str(out), "badges", "totes", "commands"])
    assert result.exit_code == 0, result.output
    badges = (out / "badges-001.svg").read_text("utf-8")
    assert all(barcode_of(f"B-{number}") in badges for number in range(1001, 1013))
    totes = "".join(page.read_text("utf-8") for page in sorted(out.glob("totes-*.svg")))
    assert all(barcode_of(f"T-{number:06d}") in totes for number in range(1, 301))
    assert barcode_of("C-PROBLEM") in (out / "commands-001.svg").read_text("utf-8")


def test_every_position_of_every_cart_has_its_card(run: Run, tmp_path: Path) -> None:
    run("init")
    run("demo-warehouse", "--catalogue", small_day(tmp_path, 20))
    result = CliRunner().invoke(floor, ["sheets", "--out", str(tmp_path), "carts"])
    assert result.exit_code == 0, result.output
    carts = "".join(page.read_text("utf-8") for page in sorted(tmp_path.glob("carts-*.svg")))
    assert all(barcode_of(f"P-{cart}-{n}") in carts for cart in ("01", "04") for n in range(1, 13))


@pytest.mark.parametrize("kind", ["locations", "items"])
def test_locations_and_items_have_cards_too(run: Run, tmp_path: Path, kind: str) -> None:
    run("init")
    run("demo-warehouse", "--catalogue", small_day(tmp_path, 20))
    result = CliRunner().invoke(floor, ["sheets", "--out", str(tmp_path / "sheets"), kind])
    assert result.exit_code == 0, result.output
    assert list((tmp_path / "sheets").glob(f"{kind}-*.svg"))
