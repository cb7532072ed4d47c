"""The form of files: small, named for what they are, said in one line, and free of the machine they were written on."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import FOLDERS, REPOSITORY, ROOMS, our_files, parsed, python_files, shown

MODULE_LINES = 400
TEST_FILE_LINES = 500
FUNCTION_LINES = 50
NAMES_THAT_SAY_NOTHING = {"util", "utils", "helper", "helpers", "manager", "managers", "misc", "common"}

# Written so that this line does not find itself.
OF_ONE_MACHINE = re.compile(
    r"(?<![\w./-])/(?:work|root|home/\w+)/"  # folders
    r"|pypi[.]org|pythonhosted[.]org|registry[.]npmjs|registry[.]yarnpkg|npmmirror[.]com"  # registries
)


def _is_test(path: Path) -> bool:
    return path.relative_to(REPOSITORY).parts[0] == "tests"


def test_the_tree_is_found() -> None:
    rooms_seen = {path.relative_to(REPOSITORY).parts[0] for path in python_files(*ROOMS, "tests")}
    assert rooms_seen == {*ROOMS, "tests"}


def test_every_folder_of_source_at_the_top_is_known() -> None:
    at_top = {path.parent.name for path in REPOSITORY.glob("*/*.py")}
    assert at_top <= set(FOLDERS)


def test_no_module_is_too_long() -> None:
    def limit(path: Path) -> int:
        return TEST_FILE_LINES if _is_test(path) else MODULE_LINES

    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}
    assert [f"{shown(p)}: {n} lines, at most {limit(p)}" for p, n in lengths.items() if n > limit(p)] == []


def test_no_function_is_too_long() -> None:
    def too_long() -> Iterator[str]:
        for path in python_files():
            for node in ast.walk(parsed(path)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    lines = (node.end_lineno or node.lineno) - node.lineno + 1
                    if lines > FUNCTION_LINES:
                        yield f"{shown(path)}:{node.lineno} {node.name}: {lines} lines, at most {FUNCTION_LINES}"

    assert list(too_long()) == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    def names(path: Path) -> set[str]:
        return {path.stem, *path.relative_to(REPOSITORY).parent.parts}

    assert [shown(path) for path in python_files() if names(path) & NAMES_THAT_SAY_NOTHING] == []


def test_package_files_hold_no_code() -> None:
    packages = [path for path in python_files() if path.name == "__init__.py"]
    assert packages
    with_code = [p for p in packages if any(not isinstance(node, ast.Expr) for node in parsed(p).body)]
    assert [shown(path) for path in with_code] == []


def test_every_module_says_what_it_is() -> None:
    modules = [path for path in python_files() if path.name != "__init__.py" and not path.name.startswith("_")]
    assert [shown(path) for path in modules if ast.get_docstring(parsed(path)) is None] == []


def test_no_file_names_the_machine_it_was_written_on() -> None:
    def found() -> Iterator[str]:
        for path in our_files():
            text = path.read_bytes().decode("utf-8", errors="replace")
            for match in OF_ONE_MACHINE.finditer(text):
                yield f"{shown(path)}:{text.count(chr(10), 0, match.start()) + 1} {match[0]}"

    assert list(found()) == []


def test_the_licence_is_the_whole_agpl() -> None:
    licence = (REPOSITORY / "LICENSE").read_text(encoding="utf-8")
    assert licence.lstrip().startswith("GNU AFFERO GENERAL PUBLIC LICENSE\n")
    assert "13. Remote Network Interaction" in licence
    assert "END OF TERMS AND CONDITIONS" in licence
