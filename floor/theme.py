"""The colours: of the 16 of ANSI, in pairs that stay legible on every terminal. Never bold black, never dim."""

from __future__ import annotations

from textual.theme import BUILTIN_THEMES, Theme

_BRIGHT = "ansi_bright_white"
_PAIRS = {
    "headline": (_BRIGHT, "ansi_blue", "bold"),
    "done": ("ansi_black", "ansi_green", "none"),
    "warning": ("ansi_black", "ansi_yellow", "none"),
    "error": (_BRIGHT, "ansi_red", "none"),
    "error-title": (_BRIGHT, "ansi_red", "bold"),
}
_ON_BLACK = (_BRIGHT, "ansi_black")
_ON_WHITE = ("ansi_black", "ansi_white")


def _theme(name: str, *, dark: bool) -> Theme:
    plain, bar = (_ON_BLACK, _ON_WHITE) if dark else (_ON_WHITE, _ON_BLACK)
    pairs = _PAIRS | {"plain": (*plain, "none"), "strong": (*plain, "bold" if dark else "none"), "bar": (*bar, "none")}
    variables = dict(BUILTIN_THEMES["ansi-dark" if dark else "ansi-light"].variables)
    for role, (colour, background, style) in pairs.items():
        variables |= {f"{role}-color": colour, f"{role}-background": background, f"{role}-style": style}
    return Theme(
        name=name,
        primary="ansi_blue",
        foreground=plain[0],
        background=plain[1],
        surface=plain[1],
        panel=plain[1],
        boost=plain[1],
        dark=dark,
        ansi=True,
        variables=variables,
    )


DARK = _theme("floor-dark", dark=True)
LIGHT = _theme("floor-light", dark=False)
