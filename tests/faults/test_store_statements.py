"""The store dies before each statement of a push: all of the push is kept or nothing, and sent again it counts once."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.house.tree import REPOSITORY
from tests.store.floor_ledger import lay_out
from tests.store.small_site import small_site

LEAST_STATEMENTS = 8


def test_a_push_killed_before_any_of_its_statements_is_kept_whole_or_not_at_all(any_database: str) -> None:
    with small_site(any_database) as site:
        lay_out(site)
    program = [sys.executable, "-m", "tests.faults.dying_pushes", any_database]
    done = subprocess.run(program, cwd=REPOSITORY, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    *deaths, survived = said["deaths"]
    assert len(deaths) > LEAST_STATEMENTS
    assert survived["alive"]
    for death in deaths:
        assert not death["alive"]
        assert death["hwm"] == death["before"], "a push that was not committed left something behind"
    assert survived["hwm"] == survived["before"] + 2
    assert {tuple(one["differences"]) for one in said["deaths"]} == {()}
    assert {tuple(one["again"]) for one in said["deaths"]} == {("accepted", "accepted")}
    assert said["events"] == 3 + 2 * len(said["deaths"])
    assert said["picks"] == len(said["deaths"])
    assert said["picked"] == [0]
    assert said["differences"] == []
