"""Workers, keys, the audit trail and the proof on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from floor.cli import floor
from sync.record.rows import Role
from sync.store import tables as t
from sync.store.access.api_keys import key_holder
from sync.store.access.people import PIN_PEPPER
from sync.store.database import Database, utc_now
from sync.wire.pins import pin_fits
from tests.store.small_site import SITE, small_site

Run = Callable[..., Result]
ADD_ADA = ("worker", "add", "W-1", "--badge", "B-1", "--name", "Ada", "--role", "picker", "--by", "Ruth")


@pytest.fixture
def run(any_database: str) -> Run:
    with small_site(any_database):
        pass

    def call(*words: object, exit_code: int = 0, typed: str = "271828\n") -> Result:
        options = ["store", "--db", any_database, "--site", SITE]
        result = CliRunner().invoke(floor, [*options, *map(str, words)], input=typed)
        assert result.exit_code == exit_code, (result.output, result.stderr, result.exception)
        return result

    return call


def answer(result: Result) -> Any:
    return json.loads(result.stdout)


def rows(url: str, table: str) -> list[Any]:
    database = Database(url)
    with database.read() as conn:
        found = list(conn.execute(t.metadata.tables[table].select()))
    database.close()
    return found


def trail(run: Run, *options: str) -> list[Any]:
    return [json.loads(line) for line in run("audit", "--json", *options).stdout.splitlines()]


def test_a_new_workers_pin_is_kept_as_a_hash_that_needs_the_sites_pepper(run: Run, any_database: str) -> None:
    run(*ADD_ADA)
    (ada,) = [row for row in rows(any_database, "worker") if row.worker_id == "W-1"]
    (pepper,) = [row.value for row in rows(any_database, "site_secret") if row.name == PIN_PEPPER]
    assert pin_fits(ada.pin_hash, "271828", pepper)
    assert not pin_fits(ada.pin_hash, "271829", pepper)
    assert (ada.roles, ada.active) == (["picker"], True)


def test_neither_pin_nor_pepper_stands_in_an_answer_or_in_the_trail(run: Run, any_database: str) -> None:
    said = run(*ADD_ADA).output + run("worker", "list", "--json").output + run("audit").output
    (pepper,) = [row.value for row in rows(any_database, "site_secret")]
    assert "271828" not in said
    assert pepper not in said
    assert "argon2" not in said


@pytest.mark.parametrize(
    ("typed", "said"), [("1234\n", "6 to 12 digits"), ("123456\n", "first that anybody would try"), ("\n", "6 to 12")]
)
def test_a_pin_that_is_none_is_refused_and_nobody_is_added(run: Run, any_database: str, typed: str, said: str) -> None:
    assert said in run(*ADD_ADA, exit_code=1, typed=typed).stderr
    assert "W-1" not in {row.worker_id for row in rows(any_database, "worker")}
    assert trail(run) == []


def test_a_badge_or_an_id_is_never_given_twice(run: Run) -> None:
    run(*ADD_ADA)
    assert "There is a worker W-1" in run(*ADD_ADA, exit_code=1).stderr
    other = ("worker", "add", "W-2", "--badge", "B-1", "--name", "Bo", "--role", "picker", "--by", "Ruth")
    assert "The badge B-1 is W-1's" in run(*other, exit_code=1).stderr
    bad = ("worker", "add", "W-2", "--badge", "T-1", "--name", "Bo", "--role", "picker", "--by", "Ruth")
    assert "can be no badge" in run(*bad, exit_code=1).stderr
    program = ("worker", "add", "W-2", "--badge", "B-2", "--name", "Bo", "--role", "integrator", "--by", "Ruth")
    assert "floor store key add" in run(*program, exit_code=1).stderr


def test_a_worker_is_changed_deactivated_and_comes_back(run: Run, any_database: str) -> None:
    run(*ADD_ADA)
    run("worker", "set-roles", "W-1", "--role", "packer", "--role", "picker", "--by", "Ruth")
    run("worker", "set-pin", "W-1", "--by", "Ruth", typed="314159\n")
    run("worker", "deactivate", "W-1", "--by", "Ruth")
    (ada,) = [one for one in answer(run("worker", "list", "--json")) if one["worker_id"] == "W-1"]
    assert (ada["roles"], ada["active"], ada["has_pin"]) == (["picker", "packer"], False, True)
    assert "NOT ACTIVE" in run("worker", "list").stdout
    run("worker", "deactivate", "W-1", "--undo", "--by", "Ruth")
    run("worker", "set-pin", "W-1", "--no-pin", "--by", "Ruth")
    (ada,) = [row for row in rows(any_database, "worker") if row.worker_id == "W-1"]
    assert (ada.active, ada.pin_hash) == (True, None)
    told = [row for row in rows(any_database, "feed") if row.kind == "worker"]
    assert [row.key for row in told] == ["W-1"]
    what = ["worker-add", "worker-roles", "worker-pin", "worker-deactivate", "worker-activate", "worker-pin"]
    assert [row["what"] for row in trail(run)] == what
    assert {row["who"] for row in trail(run)} == {"Ruth"}


@pytest.mark.parametrize("command", [("set-pin",), ("set-roles", "--role", "picker"), ("deactivate",)])
def test_nobody_is_changed_who_is_not_there(run: Run, command: tuple[str, ...]) -> None:
    assert "There is no worker W-9" in run("worker", *command, "W-9", "--by", "Ruth", exit_code=1).stderr
    assert trail(run) == []


def test_a_key_is_shown_once_and_kept_as_a_hash(run: Run, any_database: str) -> None:
    made = answer(run("key", "add", "shop", "--role", "integrator", "--days", 30, "--by", "Nadia", "--json"))
    (kept,) = rows(any_database, "api_key")
    secret = made["key"].removeprefix(f"fh_{kept.key_id}_")
    assert len(secret) == 43
    assert secret not in str(kept)
    assert secret not in run("key", "list").stdout + run("audit").stdout
    database = Database(any_database)
    with database.read() as conn:
        holder = key_holder(conn, made["key"], utc_now())
        assert holder is not None
        assert (holder.name, holder.roles, holder.site_id) == ("shop", (Role.INTEGRATOR,), SITE)
        assert key_holder(conn, made["key"], utc_now() + timedelta(days=31)) is None
        assert key_holder(conn, made["key"][:-1] + "_", utc_now()) is None
        assert key_holder(conn, f"fh_{'0' * 16}_{secret}", utc_now()) is None
        assert key_holder(conn, "nonsense", utc_now()) is None
    database.close()


def test_a_revoked_key_opens_nothing(run: Run, any_database: str) -> None:
    made = answer(run("key", "add", "shop", "--role", "integrator", "--by", "Nadia", "--json"))
    run("key", "revoke", made["key_id"], "--by", "Ruth")
    database = Database(any_database)
    with database.read() as conn:
        assert key_holder(conn, made["key"], utc_now()) is None
    database.close()
    assert "was revoked before" in run("key", "revoke", made["key_id"], "--by", "Ruth", exit_code=1).stderr
    assert "There is no key" in run("key", "revoke", "none", "--by", "Ruth", exit_code=1).stderr
    assert "revoked" in run("key", "list").stdout
    assert [row["what"] for row in trail(run)] == ["key-add", "key-revoke"]


def test_the_trail_is_read_by_name_and_from_a_day_on(run: Run) -> None:
    run(*ADD_ADA)
    run("worker", "deactivate", "W-1", "--by", "Karl")
    assert [row["what"] for row in trail(run, "--who", "Karl")] == ["worker-deactivate"]
    assert trail(run, "--since", "2999-01-01") == []
    assert len(trail(run, "--since", "2001-01-01")) == 2
    assert "worker-add W-1" in run("audit").stdout


def test_release_and_ship_stand_in_the_trail_without_a_name_of_their_own(run: Run) -> None:
    run("release")
    run("ship")
    assert [row["what"] for row in trail(run)] == ["release", "ship"]
    assert all(row["who"].endswith("(command line)") for row in trail(run))


def test_verify_proves_and_says_so_in_the_trail(run: Run) -> None:
    run(*ADD_ADA)
    proved = answer(run("verify", "--json"))
    assert (proved["ok"], proved["differences"], proved["extent"]["audit_rows"]) == (True, [], 1)
    assert "everything follows" in run("verify").stdout
    assert [row["what"] for row in trail(run)] == ["worker-add", "verify", "verify"]


def test_verify_ends_with_one_where_something_was_changed(run: Run, any_database: str) -> None:
    run(*ADD_ADA)
    database = Database(any_database)
    with database.write(SITE) as work:
        work.conn.execute(text("UPDATE audit SET who = 'Nobody'"))
    database.close()
    result = run("verify", "--json", exit_code=1)
    (difference,) = answer(result)["differences"]
    assert "audit trail, row 1 (worker-add W-1 by Nobody): it was changed" in difference


def test_json_asked_for_before_a_groups_name_counts_for_errors_too(run: Run) -> None:
    result = run("--json", "worker", "deactivate", "W-9", "--by", "Ruth", exit_code=1)
    assert answer(result)["error"] == "refused"
