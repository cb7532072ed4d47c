"""`floor doctor`: a line for each thing; what hangs or breaks is one, too; docs/doctor.md says what they mean."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from floor.cli import floor
from floor.doctor.checks import CHECKS, table
from floor.doctor.findings import Finding, Grade, Probe, Told, examine, fail, has_failed, ok, warn
from tests.house.tree import REPOSITORY


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOORHAND_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TERM", "xterm")


def test_each_thing_is_one_line_that_says_what_to_do_and_a_failure_is_exit_code_1(tmp_path: Path) -> None:
    profile = tmp_path / "profile.toml"
    profile.write_text('store = "http://127.0.0.1:1"\n[[printers]]\nname = "pack-1"\nhost = "127.0.0.1"\nport = 1\n')
    done = CliRunner().invoke(floor, ["doctor", "--profile", str(profile)])
    assert done.exit_code == 1
    lines = done.output.splitlines()
    assert [line.split("  ", 1)[1].split(":")[0].strip() for line in lines] == [
        "printer pack-1",
        *(check.name for check in CHECKS if " NAME" not in check.name and check.name not in ("station", "scale")),
    ]
    assert lines[0] == (
        "FAIL  printer pack-1: 127.0.0.1:1 is not connected (Connection refused). It cannot be used now. "
        "Check its plug and power."
    )
    as_json = CliRunner().invoke(floor, ["doctor", "--profile", str(profile), "--json"])
    found = json.loads(as_json.stdout)
    assert as_json.exit_code == 1
    assert [item["what"] for item in found][:1] == ["printer pack-1"]
    assert {"grade", "what", "how", "todo"} == set(found[0])


def test_a_profile_that_cannot_be_used_is_no_look_at_all(tmp_path: Path) -> None:
    profile = tmp_path / "profile.toml"
    profile.write_text("printers = 1\n")
    assert CliRunner().invoke(floor, ["doctor", "--profile", str(profile)]).exit_code == 3
    profile.write_text('[keys]\njump = ["f9"]\n')
    assert CliRunner().invoke(floor, ["doctor", "--profile", str(profile)]).exit_code == 3
    assert CliRunner().invoke(floor, ["doctor", "--keys"]).exit_code == 2


def test_what_breaks_is_a_failure_in_its_line_and_never_a_traceback() -> None:
    def broken() -> Told:
        raise RuntimeError("no such thing")

    (finding,) = examine([Probe("thing", broken)])
    assert finding.line == (
        "FAIL  thing: The look at it broke (RuntimeError: no such thing). "
        "Ask again; if it stays, show this line to the makers of this program."
    )


def test_what_hangs_is_a_failure_and_holds_up_nothing_else() -> None:
    never, met = threading.Event(), threading.Barrier(2)

    def hanging() -> Told:
        never.wait(60)
        return ok("it came back")

    def together() -> Told:
        met.wait(10)  # only when both looks are taken at the same time
        return warn("well")

    try:
        findings = examine([Probe("a", hanging), Probe("b", together), Probe("c", together)], limit_s=1.0)
    finally:
        never.set()
    assert [finding.told.grade for finding in findings] == [Grade.FAIL, Grade.WARN, Grade.WARN]
    assert findings[0].told.how == "The look at it did not end within 1 s."


def test_only_a_failure_fails() -> None:
    assert not has_failed([Finding("a", ok("")), Finding("b", warn(""))])
    assert has_failed([Finding("a", ok("")), Finding("b", fail(""))])


def test_the_documents_table_is_the_programs_own() -> None:
    assert table() in (REPOSITORY / "docs" / "doctor.md").read_text(encoding="utf-8")
