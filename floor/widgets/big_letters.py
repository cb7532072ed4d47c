"""Large letters of half blocks: a capital, digit or hyphen is 3 by 5 pixels, in 3 columns and 3 rows. Pure."""

from __future__ import annotations

# Five octal digits for each letter: its rows of three pixels from the top.
_LETTERS = {
    "0": "75557", "1": "26227", "2": "71747", "3": "71317", "4": "55711", "5": "74717", "6": "74757", "7": "71122",
    "8": "75757", "9": "75717", "A": "25755", "B": "65656", "C": "34443", "D": "65556", "E": "74647", "F": "74644",
    "G": "34553", "H": "55755", "I": "72227", "J": "11152", "K": "55655", "L": "44447", "M": "57755", "N": "65555",
    "O": "25552", "P": "65644", "Q": "25573", "R": "65655", "S": "34216", "T": "72222", "U": "55557", "V": "55552",
    "W": "55775", "X": "55255", "Y": "55222", "Z": "71247", "-": "00700",
}  # fmt: skip
_BLOCKS = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}


def big_width(text: str, scale: int) -> int | None:
    """Columns that ``text`` needs, or None when a letter of it cannot be painted large."""
    return len(text) * 4 * scale - scale if text and all(c in _LETTERS for c in text) else None


def big_rows(text: str, scale: int) -> list[str]:
    """``text`` in rows of half blocks; ``scale`` 1 needs 3 rows, ``scale`` 2 needs 5."""
    pixels = [_pixel_row(text, row, scale) for row in range(5) for _ in range(scale)]
    if len(pixels) % 2:
        pixels.append([0] * len(pixels[0]))
    pairs = zip(pixels[::2], pixels[1::2], strict=True)
    return ["".join(_BLOCKS[pair] for pair in zip(upper, lower, strict=True)) for upper, lower in pairs]


def _pixel_row(text: str, row: int, scale: int) -> list[int]:
    bits = [bit for letter in text for bit in (*_letter_row(letter, row), 0)][:-1]
    return [bit for bit in bits for _ in range(scale)]


def _letter_row(letter: str, row: int) -> tuple[int, int, int]:
    value = int(_LETTERS[letter][row])
    return value >> 2 & 1, value >> 1 & 1, value & 1
