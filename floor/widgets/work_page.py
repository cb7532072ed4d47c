"""The page of one prompt: what the worker is asked, what was said last, the keys and the state of the line. Pure.

A page is laid out as comfortably as the screen allows: each level of `_LEVELS` gives up something that the one before
still had. The count, the entry, the choices and the message are never given up, the headline and the request only for
many choices, and the link only there while a message stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len

from floor.widgets.big_letters import big_rows, big_width
from floor.widgets.page import Line, Page, Role, assembled, fitted, shortened, wrapped
from floor.widgets.signs import Signs
from floor.wording import PaintedWords, Text
from floor.work.prompt import Key


@dataclass(frozen=True, slots=True)
class Status:
    """The lowest row: ``link`` is ``OK`` or ``OFF 7``, at falling lengths; ``inbox`` is empty when nothing waits.

    ``devices`` marks those with a fault, at falling lengths; empty when all is well.
    """

    link: Text
    inbox: str
    terminal: str
    time: str
    devices: Text = ("",)


@dataclass(frozen=True, slots=True)
class WorkFace:
    """What a work page shows."""

    words: PaintedWords
    entry: str | None
    is_secret: bool
    is_busy: bool
    message: tuple[Role, Text] | None
    keys: tuple[tuple[Key, str, Text], ...]
    """The function, the name on its key, and what it does in words."""
    demo: Text | None
    status: Status


@dataclass(frozen=True, slots=True)
class _Comfort:
    big: int = 0
    """Scale of large letters; 0 for none."""
    band: int = 0
    """Blank rows above and below the headline."""
    has_gaps: bool = False
    has_title: bool = True
    name_rows: int = 1
    text_rows: int = 2
    joins_count: bool = True
    """Count and entry share a row."""
    joins_keys: bool = False
    """Keys and link share the lowest row."""
    columns: int = 1
    """Of choices, where all of them fit into half the width."""
    has_names: bool = True
    max_details: int = 9
    has_demo: bool = True
    asks_by_choices: bool = False
    """Where there are choices, they stand without headline, request and keys."""
    yields_status: bool = False
    """A message stands in the place of keys and link."""


_KNOWN_KEYS = (Key.ENTER, Key.HELP, Key.BACK)
_SNUG = _Comfort()
_TIGHT = replace(_SNUG, text_rows=1, has_title=False, columns=2)
_BARE = replace(_TIGHT, has_names=False, joins_keys=True, has_demo=False)
_LEVELS = (
    _Comfort(big=2, band=1, has_gaps=True, name_rows=3, text_rows=3, joins_count=False),
    _Comfort(big=1, band=1, has_gaps=True, name_rows=3, text_rows=3, joins_count=False),
    _Comfort(band=1, has_gaps=True, name_rows=3, text_rows=3),
    _Comfort(band=1, has_gaps=True, name_rows=2),
    _Comfort(has_gaps=True, name_rows=2),
    replace(_SNUG, name_rows=2),
    _SNUG,
    replace(_SNUG, columns=2),
    replace(_SNUG, has_title=False),
    _TIGHT,
    replace(_TIGHT, has_names=False),
    replace(_TIGHT, has_names=False, joins_keys=True),
    _BARE,
    replace(_BARE, max_details=1),
    replace(_BARE, max_details=0),
    replace(_BARE, max_details=0, asks_by_choices=True),
    replace(_BARE, max_details=0, asks_by_choices=True, yields_status=True),
)


def work_page(face: WorkFace, width: int, height: int, signs: Signs) -> Page:
    """The most comfortable page that fits into ``width`` x ``height`` cells."""
    top: list[Line] = []
    bottom: list[Line] = []
    for level in _LEVELS:
        top, bottom = _top(face, level, width, signs), _bottom(face, level, width, signs)
        if len(top) + len(bottom) <= height:
            break
    return assembled(top, bottom, width, height, Role.BLANK)


def _top(face: WorkFace, level: _Comfort, width: int, signs: Signs) -> list[Line]:
    blocks = [_headline(face, level, width, signs), _details(face, level, width, signs)]
    blocks += [_choices(face.words.choices, level.columns, width, signs), _count(face, level, width, signs)]
    lines: list[Line] = []
    if level.has_title:
        lines += [Line(Role.TITLE, row) for row in fitted(face.words.title, width, 1, signs)]
    for block in filter(None, blocks):
        if level.has_gaps and lines and block[0].role is not Role.HEADLINE:
            lines.append(Line(Role.BLANK))
        lines += block
    return lines


def _headline(face: WorkFace, level: _Comfort, width: int, signs: Signs) -> list[Line]:
    """Headline and request; a prompt without a headline has its request on the bright rows."""
    if level.asks_by_choices and face.words.choices:
        return []
    busy = signs.ellipsis if face.is_busy else ""
    request = fitted(tuple(text + busy for text in face.words.request), width, level.text_rows, signs)
    headline = face.words.headline
    if not headline:
        return _band(request, level, width)
    bright = _band(_headline_rows(face.words, level, width, signs), level, width)
    gap = [Line(Role.BLANK)] if level.has_gaps else []
    return bright + gap + [Line(Role.REQUEST, row) for row in request]


def _headline_rows(words: PaintedWords, level: _Comfort, width: int, signs: Signs) -> list[str]:
    headline = signs.written(words.headline)
    if not words.is_location:
        return _evenly_wrapped(headline, width)
    for scale in range(level.big if signs.has_blocks else 0, 0, -1):
        wide = big_width(headline, scale)
        if wide is not None and wide <= width:
            return big_rows(headline, scale)
    spaced = " - ".join(headline.split("-"))
    return [spaced] if cell_len(spaced) <= width else _evenly_wrapped(headline, width)


def _evenly_wrapped(text: str, width: int) -> list[str]:
    """A long number stands in rows of the same length."""
    rows = -(-cell_len(text) // width)
    return wrapped(text, width if " " in text or rows <= 1 else -(-cell_len(text) // rows))


def _band(rows: Sequence[str], level: _Comfort, width: int) -> list[Line]:
    indent = " " * max((width - max(map(cell_len, rows), default=0)) // 2, 0)
    padding = [Line(Role.HEADLINE)] * level.band
    return padding + [Line(Role.HEADLINE, indent + row) for row in rows] + padding


def _details(face: WorkFace, level: _Comfort, width: int, signs: Signs) -> list[Line]:
    lines: list[Line] = []
    details = [row for row in face.words.details if level.has_names or not row.shortened]
    for detail in details[: level.max_details]:
        if detail.shortened:
            lines += [Line(Role.NAME, row) for row in shortened(detail.text, width, level.name_rows, signs)]
        else:
            lines += [Line(Role.DETAIL, row) for row in fitted(detail.text, width, 1, signs)]
    return lines


def _choices(choices: Sequence[tuple[str, Text]], columns: int, width: int, signs: Signs) -> list[Line]:
    room = width // columns - (1 if columns > 1 else 0)
    texts = [
        row for digit, text in choices for row in fitted(tuple(f"{digit} {form}" for form in text), room, 1, signs)
    ]
    if columns > 1 and len(texts) > len(choices):
        return _choices(choices, 1, width, signs)
    if columns == 1:
        return [Line(Role.CHOICE, text) for text in texts]
    half = (len(texts) + 1) // 2
    right = [*texts[half:], *[""] * (2 * half - len(texts))]
    return [
        Line(Role.CHOICE, left + " " * (width // 2 - cell_len(left)) + second)
        for left, second in zip(texts[:half], right, strict=True)
    ]


def _count(face: WorkFace, level: _Comfort, width: int, signs: Signs) -> list[Line]:
    count = signs.written(face.words.count)
    if face.entry is None:
        return [Line(Role.COUNT, count)] if count else []
    typed = signs.secret * len(face.entry) if face.is_secret else signs.written(face.entry)
    entry = f"{signs.prompt} {typed}{signs.cursor}"
    if cell_len(entry) > width:
        entry = entry[-width:]
    together = Line(Role.ENTRY, count, entry)
    if count and level.joins_count and together.width <= width:
        return [together]
    return ([Line(Role.COUNT, count)] if count else []) + [Line(Role.ENTRY, entry)]


def _bottom(face: WorkFace, level: _Comfort, width: int, signs: Signs) -> list[Line]:
    lines: list[Line] = []
    if face.message is not None:
        role, text = face.message
        sign = {Role.DONE: signs.done, Role.WARNING: signs.warning, Role.BOUNCE: signs.bounce}.get(role, signs.quiet)
        rows = fitted(text, width - 2, level.text_rows, signs)
        lines += [Line(role, f"{sign if index == 0 else ' '} {row}") for index, row in enumerate(rows)]
    if face.demo is not None and level.has_demo:
        lines += [Line(Role.DEMO, row) for row in fitted(face.demo, width, 1, signs)]
    if lines and level.yields_status:
        return lines
    status = face.status
    links = tuple(
        " ".join(filter(None, (form, status.inbox, device))) for device in status.devices for form in status.link
    )
    link = links[-1]
    keys = _key_bar(face.keys, width, signs)
    both = Line(Role.KEYS, _key_bar(face.keys, width - 1 - cell_len(link), signs), link)
    if level.joins_keys and both.width <= width:
        return [*lines, both]
    if keys and not level.asks_by_choices:
        lines.append(Line(Role.KEYS, keys))
    return [*lines, _status(status, links, width, signs)]


def _key_bar(keys: Sequence[tuple[Key, str, Text]], width: int, signs: Signs) -> str:
    """The keys with what they do; where it is narrow without those that everybody knows, and in short words."""
    bar = ""
    for known in range(len(_KNOWN_KEYS) + 1):
        shown = [(name, text) for key, name, text in keys if key not in _KNOWN_KEYS[:known]]
        for length in range(max((len(text) for _, text in shown), default=0)):
            bar = " ".join(signs.written(name + text[min(length, len(text) - 1)]) for name, text in shown)
            if cell_len(bar) <= width:
                return bar
    return bar


def _status(status: Status, links: Text, width: int, signs: Signs) -> Line:
    """How long something waits is worth more than the clock."""
    rights = (signs.written(f"{status.terminal} {status.time}"), status.time, "")
    lines = [Line(Role.STATUS, signs.written(link), right) for link in links for right in rights]
    return next((line for line in lines if line.width <= width), lines[-1])
