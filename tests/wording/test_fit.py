"""Every text fits its cells in every language: painted through the real scene, then looked for on the page."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from floor.attention import Attention
from floor.keymap import Keymap
from floor.ports import Link
from floor.scene import Scene
from floor.widgets.page import Page, Role
from floor.widgets.page_view import lay_out
from floor.widgets.signs import ASCII, UNICODE, Signs
from floor.wording import NO_VALUE, PaintedWords, Text, catalogue, languages
from floor.work.prompt import Key, Notice, Pressed, Prompt, Scan, Tone
from tests.screens.prompts import LONG, NOTICES, ORDINARY, STEPS, notice, prompt
from tests.screens.script import Script, stands

SIZES = ((16, 8), (20, 16), (40, 8), (40, 24))
VALUES = (ORDINARY, LONG)
LANGUAGES = languages()
FAR_OFF = Link(online=False, undelivered=1234, oldest_undelivered_at=None)
every_language = pytest.mark.parametrize("language", LANGUAGES)
every_size = pytest.mark.parametrize(("width", "height"), SIZES)
every_sign = pytest.mark.parametrize("signs", [UNICODE, ASCII], ids=("utf8", "ascii"))


def scene(dialogue: Script) -> Scene:
    return Scene(dialogue, Keymap(), "HH-07", lambda: datetime(2026, 11, 22, 12, 34, tzinfo=UTC), is_demo=False)


def page_of(language: str, asked: Prompt, said: Notice | None, width: int, height: int, signs: Signs = UNICODE) -> Page:
    dialogue = Script(stands(asked, said), spoken=language, state=FAR_OFF, depth=12)
    return lay_out(scene(dialogue).face(Attention(dialogue)), width, height, signs)


def squeezed(text: str) -> str:
    """Without spaces and hyphens: rows may be broken and locations split."""
    return re.sub(r"[\s-]", "", text)


def read(page: Page, *roles: Role) -> str:
    return squeezed("".join(line.left + line.right for line in page.lines if not roles or line.role in roles))


def is_said(text: Text, shown: str, signs: Signs = UNICODE) -> bool:
    return any(squeezed(signs.written(form)) in shown for form in text)


def assert_asks_everything(page: Page, words: PaintedWords, width: int, height: int, signs: Signs) -> None:
    assert page.cut == ()
    assert len(page.lines) == height
    assert all(line.width <= width for line in page.lines)
    shown = read(page)
    assert_says_the_needful(shown, words, height, signs)
    for row in words.details:
        # What the request already shows large, or what a page of choices is about, may be left out where it is tight.
        assert row.shortened or words.choices or height < 16 or is_said(row.text, shown, signs), row.text


def assert_says_the_needful(shown: str, words: PaintedWords, height: int, signs: Signs) -> None:
    for text in ((words.count,), *(text for _, text in words.choices)):
        assert is_said(text, shown, signs), text
    if height >= 16 or len(words.choices) < 5:
        assert is_said((words.headline,), shown, signs)
        assert is_said(words.request, shown, signs)


@every_language
@every_size
@every_sign
def test_every_prompt_fits(language: str, width: int, height: int, signs: Signs) -> None:
    for step in STEPS:
        for values in VALUES:
            asked = prompt(step, values, entry="99999", count=(1199, 1200))
            page = page_of(language, asked, None, width, height, signs)
            words = catalogue(language).words(asked)
            if not (signs.has_blocks and words.is_location and width >= 40 and height >= 24):
                assert_asks_everything(page, words, width, height, signs)
            assert NO_VALUE not in read(page), step


@every_language
def test_item_and_lot_and_expiry_stand_on_the_smallest_screen(language: str) -> None:
    asked = prompt("pick", ORDINARY | {"lot": "L2026-0815", "expiry": "2026-11-30"}, entry="12")
    shown = read(page_of(language, asked, None, 16, 8))
    assert all(squeezed(value) in shown for value in ("85123A", "L2026-0815", "2026-11-30", "A03-12-2", ">12_"))


@every_language
@pytest.mark.parametrize("step", ["pick", "go_to", "problem", "pack_piece"])
@pytest.mark.parametrize(("width", "height"), [(16, 8), (20, 16)])
def test_every_message_fits_beside_its_prompt(language: str, step: str, width: int, height: int) -> None:
    for values in VALUES:
        for key in NOTICES:
            asked = prompt(step, values, entry="99999", count=(1199, 1200))
            said = notice(key, Tone.WARNING, values)
            page = page_of(language, asked, said, width, height)
            assert page.cut == (), key
            assert_says_the_needful(read(page), catalogue(language).words(asked), height, UNICODE)
            assert is_said(catalogue(language).notice(said).what, read(page, Role.WARNING)), key


@every_language
@every_size
@every_sign
def test_every_error_fits_and_says_what_to_do(language: str, width: int, height: int, signs: Signs) -> None:
    for values in VALUES:
        for key in NOTICES:
            said = notice(key, Tone.ERROR, values)
            dialogue = Script(stands(prompt("pick", values), said), spoken=language)
            attention = Attention(dialogue)
            for _ in range(12):
                attention.take(Scan("T-000193"))
            page = lay_out(scene(dialogue).face(attention), width, height, signs)
            words = catalogue(language).notice(said)
            shown = read(page)
            assert page.cut == (), key
            assert is_said(words.what, shown, signs), key
            assert is_said(words.now, shown, signs), key
            assert words.expected is None or words.expected.shortened or is_said(words.expected.text, shown, signs), key
            assert words.scanned is None or squeezed(words.scanned.text[-1][:8]) in shown or not signs.has_blocks, key
            assert "12" in read(page, Role.ERROR), key
            assert NO_VALUE not in shown, key


@every_language
@every_size
def test_every_step_has_help_that_fits(language: str, width: int, height: int) -> None:
    for step in STEPS:
        dialogue = Script(stands(prompt(step)), spoken=language)
        attention = Attention(dialogue)
        attention.take(Pressed(Key.HELP))
        page = lay_out(scene(dialogue).face(attention), width, height, UNICODE)
        assert page.cut == (), step
        assert is_said(catalogue(language).help(step), read(page, Role.REQUEST)), step


@every_language
def test_link_and_inbox_are_always_shown(language: str) -> None:
    for width, height in SIZES:
        for step in STEPS:
            assert "1234" in read(page_of(language, prompt(step, LONG), None, width, height), Role.STATUS, Role.KEYS)
            assert "+12" in read(page_of(language, prompt(step, LONG), None, width, height), Role.STATUS, Role.KEYS)


@every_language
def test_only_names_and_raw_codes_end_in_an_ellipsis(language: str) -> None:
    for step in STEPS:
        page = page_of(language, prompt(step, LONG), None, 20, 16)
        cut_short = {line.role for line in page.lines if line.left.endswith("…") and line.role is not Role.REQUEST}
        assert cut_short <= {Role.NAME, Role.HEADLINE}, step


@every_language
def test_since_when_something_waits_stands_where_there_is_room(language: str) -> None:
    this_day = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)
    for waits_since, said in ((this_day, "09:05"), (this_day - timedelta(days=1), "11-21")):
        state = Link(online=False, undelivered=7, oldest_undelivered_at=waits_since)
        dialogue = Script(stands(prompt("pick"), None), spoken=language, state=state)
        for width, height in ((20, 16), (40, 8), (40, 24)):
            page = lay_out(scene(dialogue).face(Attention(dialogue)), width, height, UNICODE)
            assert page.cut == ()
            assert squeezed(said) in read(page, Role.STATUS), (width, height)
