"""Arabic and Hebrew for a Pillow without raqm, which knows neither direction nor joined letters.

With raqm this is not used. Without it, letters are joined by the Unicode presentation forms, and the runs of a line are
put in visual order: right to left, with numbers and Latin words left to right within. That is the bidirectional
algorithm without nested directions, and no mark is moved: enough to read a name and an address.
"""

import re
import unicodedata
from functools import lru_cache

_FORMS = ("<isolated>", "<final>", "<initial>", "<medial>")
_ISOLATED, _FINAL, _INITIAL, _MEDIAL = _FORMS
_LEFT_TO_RIGHT_WORD = re.compile("l+(,l+)*")
_MIRRORED = str.maketrans("()[]{}<>", ")(][}{><")


def visual_order(line: str) -> str:
    """`line` as it has to be drawn from left to right; unchanged when it holds nothing written from right to left."""
    directions = "".join(map(_direction, line))
    if "r" not in directions:
        return line
    joined = _joined(line)
    pieces: list[str] = []
    end = 0
    for word in _LEFT_TO_RIGHT_WORD.finditer(directions):
        pieces += [_turned(joined[end : word.start()]), joined[word.start() : word.end()]]
        end = word.end()
    return "".join(reversed([*pieces, _turned(joined[end:])]))


def _direction(character: str) -> str:
    """`l` left to right, `r` right to left, `,` what joins two numbers, a blank for all that has no direction."""
    kinds = {"L": "l", "EN": "l", "AN": "l", "R": "r", "AL": "r", "CS": ",", "ES": ","}
    return kinds.get(unicodedata.bidirectional(character), " ")


def _turned(run: str) -> str:
    return run[::-1].translate(_MIRRORED)


def _joined(line: str) -> str:
    forms = _presentation_forms()
    letters = []
    for place, letter in enumerate(line):
        before = _neighbour(line, place, -1)
        after = _neighbour(line, place, 1)
        from_before = _INITIAL in forms.get(before, {}) and _FINAL in forms.get(letter, {})
        to_after = _INITIAL in forms.get(letter, {}) and _FINAL in forms.get(after, {})
        form = {(0, 0): _ISOLATED, (1, 0): _FINAL, (0, 1): _INITIAL, (1, 1): _MEDIAL}[from_before, to_after]
        letters.append(forms.get(letter, {}).get(form, letter))
    return "".join(letters)


def _neighbour(line: str, place: int, step: int) -> str:
    """The next letter in that direction, marks above and below the letters skipped; empty at the end of the line."""
    place += step
    while 0 <= place < len(line):
        if not unicodedata.combining(line[place]):
            return line[place]
        place += step
    return ""


@lru_cache(maxsize=1)
def _presentation_forms() -> dict[str, dict[str, str]]:
    """Letter -> form -> presentation form, from the decompositions in the Unicode database."""
    forms: dict[str, dict[str, str]] = {}
    for code in (*range(0xFB50, 0xFE00), *range(0xFE70, 0xFF00)):
        kind, _, letters = unicodedata.decomposition(chr(code)).partition(" ")
        if kind in _FORMS and " " not in letters:
            forms.setdefault(chr(int(letters, 16)), {}).setdefault(kind, chr(code))
    return forms
