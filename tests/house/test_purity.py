"""What import contracts cannot say: pure rooms use no clock by way of datetime, and one module alone touches zpl2."""

import ast
import re
import sys
from collections.abc import Iterator

import pytest

from tests.house.tree import ROOMS, imported_modules, parsed, python_files, shown

PURE = ("sync/record", "floor/work", "sync/store/planning")
CLOCK = re.compile(r"\b(?:datetime|date)\.(?:now|utcnow|today)$")
OPENS_OR_RUNS = {"open", "input", "print", "exec", "eval", "__import__"}


def _in(folder: str) -> list[tuple[str, ast.Module]]:
    return [(shown(p), parsed(p)) for p in python_files(folder.split("/")[0]) if shown(p).startswith(f"{folder}/")]


@pytest.mark.parametrize("folder", PURE)
def test_pure_code_asks_no_clock_and_opens_nothing(folder: str) -> None:
    def impure_calls() -> Iterator[str]:
        for name, module in _in(folder):
            for node in ast.walk(module):
                if isinstance(node, ast.Attribute) and CLOCK.search(ast.unparse(node)):
                    yield f"{name}:{node.lineno} {ast.unparse(node)}"
                elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in OPENS_OR_RUNS:
                    yield f"{name}:{node.lineno} {node.func.id}()"

    assert list(impure_calls()) == []


def test_the_record_imports_the_standard_library_and_itself_only() -> None:
    allowed = sys.stdlib_module_names
    foreign = [
        f"{shown(path)}:{line} {module}"
        for path in python_files("sync")
        if shown(path).startswith("sync/record/")
        for line, module in imported_modules(path)
        if module.split(".")[0] not in allowed and module.split(".")[:2] != ["sync", "record"]
    ]
    assert foreign == []


def test_only_the_label_builder_imports_zpl2() -> None:
    users = {
        shown(path)
        for path in python_files(*ROOMS, "tests", "scripts")
        for _, module in imported_modules(path)
        if module.split(".")[0] == "zpl2"
    }
    assert users == {"layouts/zpl.py"}
