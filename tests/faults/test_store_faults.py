"""The store and its database die, are set back and fail over under terminals that work."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.faults.disasters import (
    Disaster,
    a_second_process_serves,
    a_transaction_deadlocks,
    a_transaction_does_not_end,
    database_is_killed,
    database_is_restarted,
    database_session_is_killed,
    fails_over,
    sessions_are_cut,
    store_dies_at_a_statement,
    store_goes_back,
    store_is_killed,
    store_is_killed_between_commit_and_answer,
    tables_are_locked,
)
from tests.faults.proxy import SECOND_PROCESS
from tests.faults.world import World, assert_sound, postgres_world, world

SEED = 5
PAIR = ("HH-1", "HH-2")
DEATHS = [store_is_killed, store_is_killed_between_commit_and_answer, store_dies_at_a_statement, store_goes_back]


def survives(made: World, disasters: Sequence[Disaster]) -> None:
    """The disasters one after the other while everybody works, and all is sound when it is quiet."""
    made.everybody("work")
    made.until_tones(5)
    for disaster in disasters:
        disaster(made)
        made.everybody("work")
    made.until_tones(5)
    assert_sound(made.settle(), made.sometimes.counts())


def test_a_store_killed_and_set_back_on_sqlite_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with world(tmp_path, f"sqlite:///{tmp_path / 'store.db'}", SEED, terminals=PAIR) as made:
        survives(made, DEATHS)
        made.sometimes.require(
            [
                "store killed by SIGKILL",
                "store killed between commit and answer",
                "store killed before a statement",
                "store restored from an older copy",
            ]
        )


def test_a_database_server_that_dies_in_any_way_loses_and_doubles_nothing(tmp_path: Path) -> None:
    disasters = [sessions_are_cut, database_session_is_killed, database_is_restarted, database_is_killed]
    disasters += [tables_are_locked, a_transaction_does_not_end, store_is_killed_between_commit_and_answer]
    with postgres_world(tmp_path, SEED, terminals=PAIR) as made:
        survives(made, disasters)
        made.sometimes.require(
            [
                "database sessions terminated",
                "database session killed by SIGKILL, and recovery",
                "PostgreSQL stopped and started",
                "PostgreSQL killed by SIGKILL",
                "tables locked by somebody else",
                "a long transaction",
                "store killed between commit and answer",
            ]
        )


def test_deadlocks_and_a_second_process_that_dies_cost_nothing_on_postgresql(tmp_path: Path) -> None:
    with postgres_world(tmp_path, SEED, terminals=PAIR) as made:
        survives(made, [a_transaction_deadlocks, a_second_process_serves, store_dies_at_a_statement])
        made.sometimes.require(
            [
                "the store lost a deadlock",
                "a push at two processes of the store at once",
                SECOND_PROCESS,
                "one of two processes of the store killed by SIGKILL",
                "store killed before a statement",
            ]
        )


def test_a_standby_that_lagged_gets_everything_again(tmp_path: Path) -> None:
    with postgres_world(tmp_path, SEED, terminals=PAIR) as made:
        survives(made, [fails_over])
        made.sometimes.require(["failed over to a standby that lagged"])


def test_a_store_set_back_without_a_word_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """An administrator forgets to say it: the incarnation is the old one, and the terminals notice all the same."""
    with world(tmp_path, f"sqlite:///{tmp_path / 'store.db'}", SEED, terminals=PAIR) as made:
        made.everybody("work")
        made.until_tones(10)
        made.back_up("yesterday")
        made.until_tones(10)
        made.put_back("yesterday", told=False)
        made.until_tones(5)
        assert_sound(made.settle(), made.sometimes.counts())
