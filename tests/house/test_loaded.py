"""What is really in memory once a part is imported: import contracts see names, this sees the process."""

import importlib.util
import json
import subprocess
import sys

import pytest

from tests.house.tree import REPOSITORY

LOAD = """
import importlib, json, pkgutil, sys
before = set(sys.modules)
package = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(getattr(package, "__path__", []), package.__name__ + "."):
    importlib.import_module(module.name)
print(json.dumps(sorted(set(sys.modules) - before)))
"""

SERVER = {"alembic", "litestar", "psycopg", "sqlalchemy", "uvicorn"}
DEVICES_AND_LABELS = {"barcode", "serial", "zpl2"}


def _loaded_by(module: str) -> set[str]:
    """Top-level names of what importing the module, or all that is in the package, brings into a new process."""
    done = subprocess.run(
        [sys.executable, "-c", LOAD, module], cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    names: list[str] = json.loads(done.stdout)
    return {name.split(".")[0] for name in names}


def test_the_record_loads_the_standard_library_only() -> None:
    assert {name for name in _loaded_by("sync.record") if name not in sys.stdlib_module_names} == {"sync"}


@pytest.mark.parametrize("module", ["floor.work", "sync.store.planning"])
def test_pure_parts_load_the_standard_library_only(module: str) -> None:
    loaded = {name for name in _loaded_by(module) if name not in sys.stdlib_module_names}
    assert loaded <= {"floor", "sync"}


def test_the_store_loads_neither_a_screen_nor_devices() -> None:
    loaded = _loaded_by("sync.store.api.app")
    assert "litestar" in loaded
    assert loaded & ({"floor", "drivers", "layouts", "textual"} | DEVICES_AND_LABELS) == set()


def test_the_app_loads_no_server_and_no_database_library() -> None:
    loaded = _loaded_by("floor.app")
    assert "textual" in loaded
    assert loaded & SERVER == set()


def test_a_terminals_side_of_the_record_loads_no_server_and_no_screen() -> None:
    assert _loaded_by("sync.terminal") & (SERVER | DEVICES_AND_LABELS | {"floor", "textual"}) == set()


def test_what_is_loaded_is_really_seen() -> None:
    assert importlib.util.find_spec("textual") is not None
    assert {"textual", "rich"} <= _loaded_by("textual.app")
