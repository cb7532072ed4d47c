"""Which key of a terminal model has which function. A model's own keys stand in its profile (TOML), by Textual's names.

[keys]
problem = ["f4", "f12"]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from floor.work.prompt import Key

_USUAL: Mapping[Key, tuple[str, ...]] = {
    Key.ENTER: ("enter",),
    Key.HELP: ("f1",),
    Key.UNDO: ("f2",),
    Key.BACK: ("f3", "escape"),
    Key.PROBLEM: ("f4",),
    Key.REPRINT: ("f5",),
    Key.ERASE: ("backspace",),
}
_FUNCTION_DIGITS = {
    "0": Key.ENTER,
    "1": Key.HELP,
    "2": Key.UNDO,
    "3": Key.BACK,
    "4": Key.PROBLEM,
    "5": Key.REPRINT,
}
_SHORT_NAMES = {"enter": "Ent", "escape": "Esc", "backspace": "Bsp", "pageup": "PgU", "pagedown": "PgD"}


class KeymapFault(ValueError):
    """A terminal's key table cannot be used; the text says which entry and what to write instead."""


@dataclass(frozen=True, slots=True)
class Keymap:
    """``keys`` gives every function the names of its keys; the first one is shown on the key bar."""

    keys: Mapping[Key, tuple[str, ...]] = field(default_factory=lambda: _USUAL)

    @classmethod
    def from_table(cls, table: Mapping[str, object]) -> Keymap:
        """The usual keys, changed by ``table`` (function -> key names). Raises `KeymapFault`."""
        keys = dict(_USUAL)
        for name, given in table.items():
            if name not in list(Key):
                raise KeymapFault(f"[keys] has {name}, which is no function. Use one of: {', '.join(Key)}.")
            if not isinstance(given, list) or not given or not all(isinstance(key, str) and key for key in given):
                raise KeymapFault(f'[keys] {name} is not a list of key names. Write it like {name} = ["f4"].')
            keys[Key(name)] = tuple(given)
        functions: dict[str, Key] = {}
        for function, names in keys.items():
            for key in names:
                if functions.setdefault(key, function) is not function:
                    raise KeymapFault(
                        f"[keys] {key} stands for {functions[key]} and for {function}. A key has one function: "
                        "take it out of one of them."
                    )
        return cls(keys)

    def function(self, key: str) -> Key | None:
        """What a key does, by Textual's name of it."""
        return next((function for function, names in self.keys.items() if key in names), None)

    def shown(self, function: Key) -> str:
        """The name of a function's key for the key bar, e.g. ``F2``."""
        name = self.keys[function][0]
        return _SHORT_NAMES.get(name, name.upper() if len(name) <= 3 else name[:4].capitalize())


def function_of_digit(digit: str) -> Key | None:
    """The function of a digit behind ``0``, for terminals without function keys."""
    return _FUNCTION_DIGITS.get(digit)
