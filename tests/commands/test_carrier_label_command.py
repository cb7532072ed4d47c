"""`floor store carrier-label` as the office uses it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.store import tables as t
from tests.commands.calling import Run, store_command
from tests.store.floor_ledger import lay_out
from tests.store.small_site import SmallSite, small_site


@pytest.fixture
def site(any_database: str) -> Iterator[SmallSite]:
    with small_site(any_database) as made:
        lay_out(made)
        yield made


@pytest.fixture
def run(any_database: str, site: SmallSite, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("FLOORHAND_DB", any_database)
    monkeypatch.setenv("FLOORHAND_SITE", "main")
    return store_command("carrier-label")


def test_a_file_is_looked_through_and_kept_for_its_carton(tmp_path: Path, site: SmallSite, run: Run) -> None:
    file = tmp_path / "carrier.zpl"
    file.write_bytes(b"^XA^FDx^FS^XZ\r\n^XA^FDy^FS^XZ\r\n")
    assert "first: carton 1 gets 2 labels of the carrier" in run("first", file).stdout
    assert "known already" in run("first", file).stdout
    said = json.loads(run("first", file, "--carton", 2, "--barcode", "JD014600004401", "--json").stdout)
    assert said == {"order_ref": "first", "carton_no": 2, "labels": 2, "new": True}
    kept = site.rows(t.carrier_label)
    assert [(one["carton_no"], one["zpl"].encode(), one["barcode"]) for one in kept] == [
        (1, file.read_bytes(), None),
        (2, file.read_bytes(), "JD014600004401"),
    ]


def test_what_is_wrong_is_said_and_nothing_is_kept(tmp_path: Path, site: SmallSite, run: Run) -> None:
    file = tmp_path / "carrier.zpl"
    file.write_bytes(b"^XA^FDx^FS^XZ\n~JR")
    assert "~JR in line 2 restarts the printer" in run("first", file, exit_code=1).stderr
    file.write_bytes(b"^XA^FD" + b"x" * 70_000 + b"^FS^XZ")
    assert "65,536 at most" in run("first", file, exit_code=1).stderr
    file.write_bytes(b"^XA^FDx^FS^XZ")
    assert "no order nothing" in run("nothing", file, exit_code=1).stderr
    assert "4 to 64 characters" in run("first", file, "--barcode", "\t", exit_code=2).stderr
    assert "cannot be read" in run("first", tmp_path / "none.zpl", exit_code=3).stderr
    assert site.rows(t.carrier_label) == []
