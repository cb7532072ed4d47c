"""When somebody may sign in at a terminal: waits after wrong PINs, and for how long without the store."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

FREE_TRIES = 5
"""Wrong PINs of one badge in a row before a wait."""
FREE_TRIES_AT_TERMINAL = 20
"""Wrong PINs of all badges of a terminal: more than a shift's typing errors, which a right PIN takes off again."""
FIRST_WAIT_S = 30
LONGEST_WAIT_S = 3600
FORGOTTEN_AFTER_S = 24 * 3600
"""Without a wrong PIN for so long the tries count anew."""


class PinOutcome(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    """The PIN, or the badge: the same is said of both."""
    WAIT = "wait"
    """It was not looked at: too many wrong ones came before it."""
    UNREADY = "unready"
    """This terminal cannot check PINs of this site: it was not told the pepper."""


@dataclass(frozen=True, slots=True)
class PinAnswer:
    outcome: PinOutcome
    wait_s: int = 0
    """With WAIT: until the next one is looked at. With WRONG: how long the next one will have to wait."""


def wait_after(wrong: int, free: int) -> int:
    """Seconds between the last wrong PIN and the next one that is looked at; ``free`` cost nothing, then it doubles."""
    if wrong < free:
        return 0
    return min(FIRST_WAIT_S << min(wrong - free, 16), LONGEST_WAIT_S)


def is_over(*, since_contact_s: float | None, hours: int) -> bool:
    """Whether the last contact is too long ago to sign in; None: it is not known how long, or the clock went back."""
    return since_contact_s is None or since_contact_s > hours * 3600
