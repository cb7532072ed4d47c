"""A clock that stands until a test moves it."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.store.small_site import NOW, SmallSite


class Clock:
    """The store's clock of one site from now on."""

    def __init__(self, site: SmallSite) -> None:
        self.now = NOW
        site.database.now = self.read

    def read(self) -> datetime:
        return self.now

    def passes(self, **how_long: float) -> None:
        """``minutes=15``, ``seconds=1`` ..."""
        self.now += timedelta(**how_long)
