"""`floor store keep`, `backup`, `restored` and `quarantine` as an administrator uses them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from floor.cli import floor
from sync.store import tables as t
from sync.store.database import Database
from sync.store.schema import create_or_upgrade
from tests.store.floor_ledger import lay_out, push_bytes
from tests.store.small_site import SITE, SmallSite


class Store:
    """A store that `floor store init` has made, with a small site in it."""

    def __init__(self, url: str) -> None:
        self.url = url
        create_or_upgrade(url)
        assert self.run("init").exit_code == 0
        self.site = SmallSite(Database(url), "Europe/London")
        lay_out(self.site)

    def run(self, *words: object, exit_code: int = 0) -> Result:
        result = CliRunner().invoke(floor, ["store", "--db", self.url, "--site", SITE, *map(str, words)])
        assert result.exit_code == exit_code, (result.output, result.stderr, result.exception)
        return result

    def told(self, *words: object) -> Any:
        return json.loads(self.run("--json", *words).stdout)


@pytest.fixture
def store(any_database: str):  # type: ignore[no-untyped-def]  # a generator of stores
    made = Store(any_database)
    yield made
    made.site.database.close()


def test_the_chores_are_done_by_hand_too(store: Store) -> None:
    assert store.told("keep") == [{"site_id": SITE, "dropped": 0, "settled": 0}]


def test_a_restore_is_said_and_stands_in_the_audit_trail(store: Store) -> None:
    before = store.site.rows(t.pick_list)[0]["token"]
    asked = json.loads(store.run("--json", "restored", "--by", "Ada", exit_code=1).stdout)
    assert asked["error"] == "second_person"
    assert store.site.rows(t.pick_list)[0]["token"] == before
    (waiting,) = store.told("confirmations")
    assert waiting["code"] in asked["text"]
    assert "another person must agree" in store.run("confirm", waiting["code"], "--by", "ada", exit_code=1).output
    assert "Ben agrees: Ada may do it now" in store.run("confirm", waiting["code"].lower(), "--by", "Ben").output
    assert store.told("confirmations") == []
    told = store.told("restored", "--by", "Ada")
    assert told["sites"] == [SITE]
    assert store.site.rows(t.pick_list)[0]["token"] == before + 1_000_000
    assert [row["who"] for row in store.site.rows(t.audit) if row["what"] == "restored"] == ["Ada"]
    assert "--by" in store.run("restored", exit_code=2).output


def test_what_is_in_quarantine_is_listed_and_judged_again(store: Store) -> None:
    assert "Nothing is in quarantine" in store.run("quarantine").output
    push_bytes(store.site, b"17", stream="odd")
    assert "malformed" in store.run("quarantine").output
    assert [one["replayed"] for one in store.told("quarantine", "--replay")] == ["quarantined:malformed"]
    assert store.told("quarantine", "--replay", "--reason", "revoked") == []
    assert "give --replay" in store.run("quarantine", "--reason", "revoked", exit_code=2).output


def test_a_file_is_copied_and_read_again(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'store.db'}")
    push_bytes(store.site, b"17", stream="odd")
    told = store.told("backup", tmp_path / "copy.db")
    assert (told["streams"], told["entries"]) == (1, 1)
    assert [row["safe_seq"] for row in store.site.rows(t.stream)] == [1]
    assert "there already" in store.run("backup", tmp_path / "copy.db", exit_code=1).output
    said = store.run("backup", tmp_path / "nowhere" / "copy.db", exit_code=1).output
    assert "broke off" in said
    assert not list(tmp_path.glob("*.part"))
    store.site.database.close()


def test_on_postgresql_it_says_how_to_dump_and_reads_what_was_restored(postgres_url: str, tmp_path: Path) -> None:
    host = postgres_url.partition("?host=")[2]
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"))

    def program(name: str, *words: str) -> None:
        subprocess.run([programs / name, "-h", host, "-U", "floorhand", *words], check=True, capture_output=True)

    program("createdb", "backed_up")
    program("createdb", "tried")
    store = Store(postgres_url.replace("/postgres?", "/backed_up?"))
    push_bytes(store.site, b"17", stream="odd")
    said = store.told("backup", tmp_path / "store.dump")["dump"]
    assert said.startswith("pg_dump --format=custom --file=")
    assert [row["safe_seq"] for row in store.site.rows(t.stream)] == [0]
    dump = tmp_path / "store.dump"
    program("pg_dump", "--format=custom", f"--file={dump}", "backed_up")
    program("pg_restore", "--dbname=tried", str(dump))
    tried = postgres_url.replace("/postgres?", "/tried?")
    told = store.told("backup", dump, "--verified-in", tried)
    assert (told["streams"], told["entries"]) == (1, 1)
    assert [row["safe_seq"] for row in store.site.rows(t.stream)] == [1]
    store.site.database.close()
    program("dropdb", "--force", "backed_up")
    program("dropdb", "--force", "tried")
