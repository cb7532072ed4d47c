"""How a terminal comes to its key before it paints: by the code it was given, without one at home, or by asking."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from floor.config import Profile
from sync.record.ids import SiteId, TerminalId
from sync.terminal.enrolment import NotEnrolled, enrol
from sync.terminal.identity import load_identity

ASKS = 3
"""How often a code is asked for before the program gives up."""
_HERE = frozenset({"127.0.0.1", "::1", "localhost"})


def be_enrolled(
    profile: Profile, folder: Path, code: str | None, *, ask: Callable[[], str], tell: Callable[[str], None]
) -> None:
    """See to it that the terminal of ``folder`` has a key. With ``code`` it gets a new one, whatever it had.

    ``ask`` gets a code from the person before the screen, ``tell`` says what was wrong with it. Raises `NotEnrolled`,
    `BadIdentity`.
    """
    if code is not None:
        _enrol(profile, folder, code)
        return
    if load_identity(folder) is not None:
        return
    if _is_here(profile.store):
        # The store of this machine may have been told to take terminals without a code.
        try:
            _enrol(profile, folder, None)
        except NotEnrolled as error:
            if error.error != "code_needed":
                raise
        else:
            return
    for asks_left in reversed(range(ASKS)):
        try:
            _enrol(profile, folder, ask())
        except NotEnrolled as error:
            if not asks_left or error.error != "bad_code":
                raise
            tell(str(error))
        else:
            return


def _enrol(profile: Profile, folder: Path, code: str | None) -> None:
    enrol(folder, profile.store, SiteId(profile.site), TerminalId(profile.terminal), code, profile.scopes)


def _is_here(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname in _HERE
