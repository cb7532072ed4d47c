"""Every import contract is kept, and every one of them breaks when somebody breaks it."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.tree import REPOSITORY, ROOMS

# Contract (what stands before the colon in its name), the module that breaks it, and the import that does.
BREACHES = [
    ("rooms", "sync/record/breach.py", "import drivers"),
    ("rooms", "drivers/breach.py", "import layouts"),
    ("rooms", "layouts/breach.py", "import floor"),
    ("purity", "floor/work/breach.py", "from random import random"),
    ("purity", "sync/record/breach.py", "import time"),
    ("purity", "sync/store/planning/breach.py", "import sqlalchemy.orm"),
    ("sync", "sync/terminal/breach.py", "import sync.store"),
    ("sync", "sync/store/breach.py", "import sync.terminal"),
    ("sync", "sync/record/breach.py", "import sync.wire"),
    ("sync", "sync/breach.py", "import abc"),
    ("wire", "sync/wire/breach.py", "import httpx"),
    ("planning", "sync/store/planning/breach.py", "import sync.store.api"),
    ("terminal", "sync/terminal/breach.py", "import sqlalchemy"),
    ("store", "sync/store/breach.py", "import serial"),
    ("floor", "floor/widgets/breach.py", "import floor.screens"),
    ("screens", "floor/screens/breach.py", "import sync.terminal"),
    ("screens", "floor/dialogs/breach.py", "import drivers.printers.breach"),
    ("app", "floor/wording.py", "import sync.terminal"),
    ("textual", "drivers/breach.py", "import textual.app"),
    ("devices", "layouts/breach.py", "import serial"),
    ("database", "floor/breach.py", "import sqlalchemy"),
]


def _tree_with(folder: Path, breaches: dict[str, str]) -> None:
    for room in ROOMS:
        shutil.copytree(REPOSITORY / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "pyproject.toml", folder)
    (folder / "drivers" / "printers" / "breach.py").write_text("")
    for module, line in breaches.items():
        (folder / module).write_text(f"from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    {line}\n")


def _broken_contracts(folder: Path) -> set[str]:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=folder,
        env={**os.environ, "COLUMNS": "300"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Contracts: " in done.stdout, done.stdout + done.stderr
    broken = {line.partition(":")[0] for line in done.stdout.splitlines() if line.endswith(" BROKEN")}
    assert done.returncode == (1 if broken else 0)
    return broken


def test_every_contract_is_kept(tmp_path: Path) -> None:
    _tree_with(tmp_path, {})
    assert _broken_contracts(tmp_path) == set()


@pytest.mark.parametrize(("contract", "module", "line"), BREACHES)
def test_a_breach_breaks_its_contract(contract: str, module: str, line: str, tmp_path: Path) -> None:
    _tree_with(tmp_path, {module: line})
    assert contract in _broken_contracts(tmp_path)


def test_every_contract_has_a_breach_here_and_a_name_of_its_own() -> None:
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    names = [contract["name"].partition(":")[0] for contract in settings["tool"]["importlinter"]["contracts"]]
    assert sorted(names) == sorted({contract for contract, _, _ in BREACHES})
