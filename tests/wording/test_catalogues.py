"""The catalogues are complete, alike, and treat what comes from the record as data."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import floor.work
from floor.wording import MissingWords, catalogue, languages, notice_words, visible, words
from floor.work.prompt import Key, Notice, Prompt
from sync.record.facts import FACT_KINDS, VerdictKind
from tests.screens.prompts import CHOICES, NOTICES, STEPS, notice, prompt

TABLES = ("label", "key", "step", "choice", "word", "notice", "help")
_WORK = Path(floor.work.__path__[0])
_NOTICE_CALLS = {"refuse": 1, "say": 1, "Notice": 0}


def literals(call_names: dict[str, int]) -> set[str]:
    """The literal strings at the given argument of calls in the conversations' sources."""
    found = set()
    for source in _WORK.glob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in call_names:
                position = call_names[node.func.id]
                if len(node.args) > position:
                    values = ast.walk(node.args[position])
                    found |= {n.value for n in values if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return found


def test_there_are_english_and_german() -> None:
    assert {"en", "de"} <= set(languages())


@pytest.mark.parametrize("table", TABLES)
def test_every_language_has_the_same_entries(table: str) -> None:
    assert {language: catalogue(language).names(table) for language in languages()} == dict.fromkeys(
        languages(), catalogue("en").names(table)
    )


def test_the_conversations_say_nothing_that_has_no_words() -> None:
    english = catalogue("en")
    said = literals(_NOTICE_CALLS)
    assert "wrong_kind" in said  # the sources are where they are looked for
    assert said - english.names("notice") == set()
    assert {step for step in literals({"Prompt": 0}) if step != "close"} - english.names("step") == set()
    assert {choice for choice in literals({"Choice": 1}) if not choice.endswith(".")} - english.names("choice") == set()


def test_every_step_notice_and_choice_of_the_catalogue_is_tried() -> None:
    english = catalogue("en")
    assert english.names("step") == set(STEPS) == english.names("help")
    assert english.names("notice") == set(NOTICES)
    assert english.names("choice") == {choice for choices in CHOICES.values() for choice in choices}
    assert english.names("key") == set(Key)


def test_every_fact_and_verdict_that_may_be_named_has_a_word() -> None:
    facts = {kind.partition("@")[0] for kind in FACT_KINDS}
    assert (facts | set(VerdictKind)) - catalogue("en").names("word") == set()


@pytest.mark.parametrize("language", languages())
def test_every_key_of_the_key_bar_and_every_label_has_words(language: str) -> None:
    spoken = catalogue(language)
    assert all(spoken.key(key) for key in Key)
    assert spoken.label("count", done="3", asked="6")[0].startswith("3 ")


def test_a_missing_entry_is_named() -> None:
    with pytest.raises(MissingWords, match=r"en\.toml has no step\.juggle"):
        words(Prompt("juggle"), "en")
    with pytest.raises(MissingWords, match=r"notice\.juggled"):
        notice_words(Notice("juggled"), "de")


def test_a_language_without_a_catalogue_is_english() -> None:
    assert words(prompt("sign_in"), "pl") == words(prompt("sign_in"), "en")


def test_a_language_is_never_a_path() -> None:
    assert catalogue("../locale/de").language == "en"


def test_kinds_are_named_in_the_language_and_codes_stay_as_they_are() -> None:
    from_kind = notice_words(Notice("wrong_kind", {"kind": "tote", "scanned": "T-1", "expected": "location"}), "de")
    assert from_kind.what[0] == "Das ist ein Behälter"
    assert from_kind.expected is not None
    assert from_kind.expected.text == ("ein Platz",)
    code = notice_words(Notice("not_this_location", {"scanned": "A01-01-1", "expected": "A03-12-2"}), "de")
    assert code.expected is not None
    assert code.expected.text == ("A03-12-2",)


def test_a_reason_is_worded_and_keeps_who_is_named_in_it() -> None:
    scanned = notice_words(Notice("claim_refused", {"reason": "held-by:HH-07"}), "en").scanned
    assert scanned is not None
    assert scanned.text == ("is with HH-07",)


def test_values_are_data() -> None:
    hostile = "{item} [red]x[/] \x1b[31m\x07\u202egnirts\u2028two\trows {0}"
    shown = words(prompt("pick", {**dict.fromkeys(STEPS["pick"], ""), "name": hostile}), "en").details[0].text[0]
    assert shown == "{item} [red]x[/] [31mgnirts two rows {0}"


def test_a_group_separator_is_seen_as_a_space() -> None:
    assert visible("10LOT1\x1d21SER1") == "10LOT1 21SER1"


def test_a_detail_without_its_value_is_left_out() -> None:
    with_lot = words(Prompt("pick", {"location": "A03-12-2", "item": "85123A", "lot": "L1"}), "en")
    assert [row.text[0] for row in with_lot.details] == ["85123A", "Lot L1"]


def test_notices_word_what_happened_and_what_to_do() -> None:
    for key in NOTICES:
        said = notice_words(notice(key, Notice(key).tone), "en")
        assert said.what[0]
        assert said.now[0].endswith("."), key
