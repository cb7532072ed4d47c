"""How it stands with a scanner, for the status row and the doctor."""

from dataclasses import dataclass
from typing import Literal

Word = Literal["opening", "ready", "lost"]


@dataclass(frozen=True, slots=True)
class ScannerState:
    """`name` as in the profile. `detail` is a sentence that says what happened and what to do; empty while opening."""

    name: str
    word: Word
    detail: str = ""
