"""Whatever a conversation or a verdict names has a word in every language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import floor.work
import sync.store.judging
from floor.wording import catalogue, languages

_WORK = Path(floor.work.__path__[0])
_JUDGING = Path(sync.store.judging.__path__[0])
_CODE = re.compile(r"[a-z][a-z_-]*")


def calls(folder: Path, *names: str) -> Iterator[ast.Call]:
    for source in folder.glob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                yield node


def texts(node: ast.AST) -> set[str]:
    """The literal texts in an expression that are whole codes, and the beginnings of f-strings up to a colon."""
    found = {each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    return {code for text in found if _CODE.fullmatch(code := text.partition(":")[0])}


def kinds_expected() -> set[str]:
    """What a refusal may name as expected."""
    wrong_kinds = {text for call in calls(_WORK, "wrong_kind") for text in texts(call.args[3])}
    keywords = [keyword for call in calls(_WORK, "refuse", "say") for keyword in call.keywords]
    return wrong_kinds | {text for keyword in keywords if keyword.arg == "expected" for text in texts(keyword.value)}


def reasons() -> set[str]:
    """Why the store refuses, quarantines or settles: the reasons of its verdicts."""
    given = {text for call in calls(_JUDGING, "refused", "quarantined", "discrepancy") for text in texts(call.args[0])}
    for call in calls(_JUDGING, "Verdict"):
        given |= {text for keyword in call.keywords if keyword.arg == "reason" for text in texts(keyword.value)}
    return given - {"status", "terminal_id"}  # columns of the row that is asked for its status


@pytest.mark.parametrize("language", languages())
def test_every_kind_that_is_expected_has_a_word(language: str) -> None:
    expected = kinds_expected()
    assert {"location", "item", "tote", "badge", "label", "place", "pin", "choice", "enter"} <= expected
    assert (expected | {"lot", "serial"}) - catalogue(language).names("word") == set()


@pytest.mark.parametrize("language", languages())
def test_every_reason_of_a_verdict_has_a_word(language: str) -> None:
    found = reasons()
    assert {"no-work", "unknown-line", "undone-already"} <= found  # the sources are where they are looked for
    assert found - catalogue(language).names("word") == set()
