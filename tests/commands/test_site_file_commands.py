"""`floor store file` and `floor store release --explain`: what a site says of its own work."""

from __future__ import annotations

from pathlib import Path

from tests.commands.calling import Run
from tests.commands.test_store_commands import answer, run, small_day

__all__ = ["run"]


def prepared(run: Run, folder: Path) -> None:
    run("init")
    run("demo-warehouse", "--catalogue", small_day(folder, 120))


def test_a_file_is_shown_set_and_reset(run: Run, tmp_path: Path) -> None:
    prepared(run, tmp_path)
    shown = run("file", "waves").stdout
    assert 'name = "piece by piece"' in shown
    own = tmp_path / "waves.toml"
    own.write_text('[[rule]]\nname = "carts"\nway = "batch"\ncart = "cart-12"\n', "utf-8")
    assert "counts now" in run("file", "waves", "--set", own, "--by", "Ruth").stdout
    assert answer(run("file", "waves", "--json")) == {"name": "waves", "own": True, "text": own.read_text("utf-8")}
    assert "Ruth" in run("audit", "--who", "Ruth").stdout
    run("file", "waves", "--reset")
    assert run("file", "waves").stdout == shown


def test_the_example_can_be_set_as_it_was_shown(run: Run, tmp_path: Path) -> None:
    prepared(run, tmp_path)
    own = tmp_path / "waves.toml"
    own.write_text(run("file", "waves", "--example").stdout, "utf-8")
    run("file", "waves", "--set", own)
    assert "no example of carts" in run("file", "carts", "--example", exit_code=2).stderr


def test_a_file_that_cannot_be_used_changes_nothing_and_says_why(run: Run, tmp_path: Path) -> None:
    prepared(run, tmp_path)
    before = run("file", "carts").stdout
    wrong = tmp_path / "carts.toml"
    wrong.write_text('[[cart]]\nname = "c"\nposition = 3\n', "utf-8")
    said = run("file", "carts", "--set", wrong, exit_code=1).stderr
    assert "nothing is called 'position' at $.cart[0]" in said
    wrong.write_bytes(b"\xff\xfe")
    assert "no text in UTF-8" in run("file", "carts", "--set", wrong, exit_code=1).stderr
    assert "cannot be read" in run("file", "carts", "--set", tmp_path / "none.toml", exit_code=3).stderr
    assert "give one of" in run("file", "carts", "--set", wrong, "--reset", exit_code=2).stderr
    assert run("file", "carts").stdout == before


def test_what_nobody_asks_for_cannot_be_brought(run: Run, tmp_path: Path) -> None:
    prepared(run, tmp_path)
    assert run("replenish").stdout == "Nothing is asked for.\n"
    assert "Nothing is asked for at A01-01-1" in run("replenish", "--done", "A01-01-1", exit_code=1).stderr


def test_a_release_explains_where_every_order_went_and_why_the_others_wait(run: Run, tmp_path: Path) -> None:
    prepared(run, tmp_path)
    own = tmp_path / "waves.toml"
    own.write_text(run("file", "waves", "--example").stdout, "utf-8")
    run("file", "waves", "--set", own)
    run("import-orders", "--profile", "online-retail", small_day(tmp_path, 120))
    run("hold", "536599", "--reason", "wants to talk", "--by", "Ruth")
    text = run("release", "--explain", "--limit", "3").stdout
    assert "rule '" in text
    assert "stays: beyond the limit" in text
    assert "536599  waits: on hold, by-hand: wants to talk (held by Ruth)" in text
    rest = answer(run("release", "--explain", "--json"))
    assert all(one["way"] for one in rest["release"]["decisions"])
    assert {one["order_ref"] for one in rest["waits"]} >= {"536599"}
    assert "decisions" not in answer(run("release", "--json"))["release"]
