"""A label format taken apart into commands. Pure."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its name without the caret ("FO", and "A" for a font) and its bytes up to the next command."""

    name: str
    content: bytes

    def texts(self) -> list[str]:
        """The parameters between commas, without blanks."""
        return [text.strip() for text in self.content.decode("ascii", "replace").split(",")]

    def number(self, place: int, default: int, least: int = 0, most: int = 32_000) -> int:
        """The parameter at `place` as a number within bounds, or `default` where it is missing or no number."""
        texts = self.texts()
        if place >= len(texts) or not re.fullmatch(r"-?\d{1,6}(\.\d*)?", texts[place]):
            return default
        return max(least, min(most, int(float(texts[place]))))

    def letter(self, place: int, default: str) -> str:
        """The first letter of the parameter at `place`, upper case."""
        texts = self.texts()
        return texts[place][0].upper() if place < len(texts) and texts[place] else default


def commands_of(zpl: bytes) -> list[Command]:
    """Split a format into commands; line ends count for nothing, as in a printer."""
    commands = []
    for piece in re.split(rb"[\^~]", zpl.replace(b"\r", b"").replace(b"\n", b""))[1:]:
        size = 1 if piece[:1] in b"Aa" else 2
        commands.append(Command(piece[:size].decode("ascii", "replace").upper(), piece[size:]))
    return commands


def unescaped(content: bytes, escape: bytes | None) -> bytes:
    """Field data with its `^FH` escapes (`_C3` with "_") turned into bytes; `escape` None leaves it as it is."""
    if escape is None:
        return content
    return re.sub(re.escape(escape) + rb"([0-9A-Fa-f]{2})", lambda found: bytes.fromhex(found[1].decode()), content)
