"""The files that are ours, as the tests of the house see them."""

import ast
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
ROOMS = ("floor", "sync", "drivers", "layouts")
FOLDERS = (*ROOMS, "tests", "scripts", ".ci", "docs")
NOT_OURS = {"__pycache__", "node_modules"}


def our_files() -> Iterator[Path]:
    """Every file of the repository that is written here: what tools leave behind and fetch is left out."""
    yield from (path for path in REPOSITORY.iterdir() if path.is_file())
    for folder in FOLDERS:
        for path in (REPOSITORY / folder).rglob("*"):
            if path.is_file() and NOT_OURS.isdisjoint(path.parts):
                yield path


def python_files(*folders: str) -> list[Path]:
    """The Python files in the named top-level folders, in order; all folders when none is named."""
    wanted = folders or FOLDERS
    return sorted(p for p in our_files() if p.suffix == ".py" and p.relative_to(REPOSITORY).parts[0] in wanted)


def shown(path: Path) -> str:
    """The path as a message shows it."""
    return path.relative_to(REPOSITORY).as_posix()


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported_modules(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of each module imported in the file, in functions and under TYPE_CHECKING too."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, node.module or "."
