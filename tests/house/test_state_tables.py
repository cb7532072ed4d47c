"""The picture of the conversations is the code's."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.house.tree import REPOSITORY


def test_the_printed_tables_are_those_of_the_conversations() -> None:
    command = [sys.executable, "scripts/print_state_tables.py", "--check"]
    found = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(command, cwd=REPOSITORY, env=found, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
