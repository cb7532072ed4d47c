"""The hourly chores of a serving process."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from sync.store.database import Database
from sync.store.keeping.purging import keep

log = logging.getLogger("floorhand.store")

FIRST_S: Final = 60.0
"""A store that is started often does its chores all the same, and not while everybody connects."""
EVERY_S: Final = 3600.0


async def keep_hourly(database: Database, *, first_s: float = FIRST_S, every_s: float = EVERY_S) -> None:
    """Forget what is old, once an hour until it is cancelled."""
    wait_s = first_s
    while True:
        await asyncio.sleep(wait_s)
        wait_s = every_s
        try:
            await asyncio.to_thread(keep, database)
        except Exception:
            log.warning("the hourly chores failed; they are done in the next hour", exc_info=True)
