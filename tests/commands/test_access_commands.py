"""`floor store enrol`, `revoke`, `certificate` and how `serve` is made safe: as an administrator uses them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result

from floor.admission import be_enrolled
from floor.cli import floor
from floor.config import Profile
from floor.store_process import StoreProcess
from sync.record.ids import SiteId, TerminalId
from sync.terminal.enrolment import NotEnrolled, enrol
from sync.terminal.identity import load_identity
from tests.store.order_files import DAYS
from tests.store.serving import Signing

SITE = SiteId("DEMO")
PATIENCE_S = 30.0
Run = Callable[..., Result]


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store' / 'store.db'}"


@pytest.fixture
def run(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("FLOORHAND_DB", database)
    monkeypatch.setenv("FLOORHAND_DATA", str(tmp_path / "data"))

    def call(*words: object, exit_code: int = 0) -> Result:
        result = CliRunner().invoke(floor, ["store", *map(str, words)])
        assert result.exit_code == exit_code, (result.output, result.stderr, result.exception)
        return result

    call("init")
    call("demo-warehouse", "--catalogue", DAYS[1])
    return call


def answer(result: Result) -> Any:
    return json.loads(result.stdout)


@contextmanager
def serving(database: str, *options: str) -> Iterator[str]:
    """`floor store serve` as a process; gives the address."""
    command = [sys.executable, "-m", "sync.store", "--db", database, "--json", "serve", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            said = ""
            while not said.endswith("}\n"):
                line = process.stdout.readline() if process.stdout is not None else ""
                assert line, process.communicate()
                said += line
            yield str(json.loads(said)["url"])
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE_S)


def test_a_code_from_the_command_line_enrols_a_terminal_and_the_trail_knows_who_let_it_in(
    run: Run, database: str, tmp_path: Path
) -> None:
    made = answer(run("enrol", "PACK-1", "--pack", "--by", "Lea", "--json"))
    assert (made["terminal"], made["scopes"]) == ("PACK-1", ["pack"])
    with StoreProcess(database, SITE, log=tmp_path / "log") as store:
        identity = enrol(tmp_path / "pack", store.url, SITE, TerminalId("PACK-1"), made["code"])
        assert identity.scopes == ("pack",)
        ask = {"params": {"stream_id": "0" * 32}, "auth": Signing(identity.private_key, "PACK-1", SITE)}
        assert httpx.get(f"{store.url}/v1/changes", trust_env=False, **ask).status_code == 200  # type: ignore[arg-type]
        assert answer(run("revoke", "PACK-1", "--by", "Lea", "--json"))["new"] is True
        refused = httpx.get(f"{store.url}/v1/changes", trust_env=False, **ask)  # type: ignore[arg-type]
        assert (refused.status_code, refused.json()["error"]) == (403, "revoked")
    assert answer(run("revoke", "PACK-1", "--by", "Lea", "--json"))["new"] is False
    rows = [json.loads(line) for line in run("audit", "--json").stdout.splitlines()]
    trail = [(row["who"], row["what"], row["about"]) for row in rows]
    assert [row for row in trail if row[2] == "PACK-1"] == [
        ("Lea", "enrolment-code", "PACK-1"),
        ("Lea", "enrolled", "PACK-1"),
        ("Lea", "revoke", "PACK-1"),
        ("Lea", "revoke", "PACK-1"),
    ]


def test_for_people_the_code_stands_on_the_first_line_with_what_to_do_behind_it(run: Run) -> None:
    lines = run("enrol", "HH-01", "--by", "Lea").stdout.splitlines()
    code = lines[0]
    assert len(code.replace("-", "")) == 13
    assert lines[-1].endswith(f"--enrol {code}")


def test_what_cannot_be_done_is_said(run: Run) -> None:
    assert "can be no terminal's name" in run("enrol", "HH 01", "--by", "Lea", exit_code=1).stderr
    assert "no site NOWHERE" in run("--site", "NOWHERE", "enrol", "HH-01", "--by", "Lea", exit_code=3).stderr
    assert "was ever enrolled" in run("revoke", "HH-09", "--by", "Lea", exit_code=1).stderr
    assert "--host" in run("certificate", exit_code=2).stderr


def test_serving_the_network_needs_encryption_or_a_plain_word(run: Run) -> None:
    refused = run("serve", "--host", "0.0.0.0", exit_code=3).stderr  # noqa: S104 - refused before it listens
    assert "the whole network could read" in refused
    assert "--plain-http" in refused
    assert "only this machine" in run(
        "serve", "--host", "0.0.0.0", "--plain-http", "--enrol-loopback", exit_code=2  # noqa: S104 - as above
    ).stderr  # fmt: skip
    assert "Make a certificate" in run("serve", "--tls", exit_code=3).stderr
    assert "belong together" in run("serve", "--key", "x.pem", exit_code=2).stderr


def test_with_a_certificate_the_code_says_whom_to_believe_and_everything_is_encrypted(
    run: Run, database: str, tmp_path: Path
) -> None:
    run("certificate", "--host", "127.0.0.1", "--host", "localhost")
    code = answer(run("enrol", "HH-01", "--by", "Lea", "--json"))["code"]
    assert len(code.replace("-", "")) == 33
    with serving(database, "--tls") as url:
        assert url.startswith("https://127.0.0.1:")
        identity = enrol(tmp_path / "terminal", url, SITE, TerminalId("HH-01"), code)
    assert identity.authority == (tmp_path / "store" / "tls" / "authority.pem").read_text()


def test_an_adopted_authority_is_in_the_codes_too(run: Run, tmp_path: Path) -> None:
    run("certificate", "--host", "proxy.example")
    authority = tmp_path / "proxy.pem"
    (tmp_path / "store" / "tls" / "authority.pem").rename(authority)
    for left in (tmp_path / "store" / "tls").iterdir():
        left.unlink()
    run("certificate", "--adopt", authority)
    assert len(answer(run("enrol", "HH-01", "--by", "Lea", "--json"))["code"].replace("-", "")) == 33
    (tmp_path / "text").write_text("nothing")
    assert "no certificate in PEM" in run("certificate", "--adopt", tmp_path / "text", exit_code=1).stderr


def test_a_terminal_without_a_key_asks_for_a_code_and_says_what_was_wrong_with_it(
    run: Run, database: str, tmp_path: Path
) -> None:
    code = answer(run("enrol", "HH-01", "--by", "Lea", "--json"))["code"]
    typed = iter(["wrong", "0000-0000-00000", code])
    said: list[str] = []
    with StoreProcess(database, SITE, log=tmp_path / "log") as store:
        profile = Profile(terminal="HH-01", store=store.url)
        be_enrolled(profile, tmp_path / "t", None, ask=lambda: next(typed), tell=said.append)
        assert (["13 letters" in said[0], "knows no such enrolment code" in said[1]], len(said)) == ([True, True], 2)
        # It has a key now: nobody is asked any more, not even the store.
        be_enrolled(profile, tmp_path / "t", None, ask=lambda: pytest.fail("asked again"), tell=said.append)
        with pytest.raises(NotEnrolled, match="has been used already"):
            be_enrolled(profile, tmp_path / "t", code, ask=lambda: pytest.fail("asked"), tell=said.append)
        with pytest.raises(NotEnrolled, match="knows no such"):
            be_enrolled(profile, tmp_path / "u", None, ask=lambda: "0000-0000-00000", tell=said.append)
    assert load_identity(tmp_path / "u") is None
    with pytest.raises(NotEnrolled, match="does not answer"):
        be_enrolled(profile, tmp_path / "u", None, ask=lambda: pytest.fail("asked"), tell=said.append)


def test_on_the_stores_own_machine_a_trial_needs_no_code(run: Run, database: str, tmp_path: Path) -> None:
    with StoreProcess(database, SITE, log=tmp_path / "log", enrol_loopback=True) as store:
        profile = Profile(terminal="PACK-9", store=store.url, scopes=("pack",))
        be_enrolled(profile, tmp_path / "t", None, ask=lambda: pytest.fail("asked"), tell=pytest.fail)
    identity = load_identity(tmp_path / "t")
    assert identity is not None
    assert identity.scopes == ("pack",)
