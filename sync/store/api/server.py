"""The HTTP server around the application: it lets those who wait for news go before it stops."""

from __future__ import annotations

from types import FrameType

import uvicorn

from sync.store.api.app import create_app
from sync.store.database import Database

GRACE_S = 3


class StoreServer(uvicorn.Server):
    """Serves one database until SIGINT or SIGTERM."""

    def __init__(self, database: Database) -> None:
        self._app = create_app(database)
        super().__init__(
            uvicorn.Config(
                self._app, log_level="warning", access_log=False, timeout_graceful_shutdown=GRACE_S, lifespan="on"
            )
        )

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop in good order, and at once when it is asked a second time.

        uvicorn's own would raise the signal again after the stop: the process would die of it with everything that
        stands around `run` undone.
        """
        self._app.state.bell.close()
        self.force_exit = self.should_exit
        self.should_exit = True
