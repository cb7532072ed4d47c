"""Bounded waiting on a condition."""

import time
from collections.abc import Callable

LIMIT_S = 20.0


def eventually(condition: Callable[[], bool], limit_s: float = LIMIT_S) -> None:
    """Return as soon as `condition` holds; fail when it does not within `limit_s`."""
    until_s = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < until_s, "the condition did not come true in time"
        time.sleep(0.002)
