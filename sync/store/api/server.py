"""The HTTP server around the application: it lets those who wait for news go before it stops."""

from __future__ import annotations

import gc
import socket
import sys
from collections.abc import Callable
from types import FrameType

import uvicorn

from sync.store.access.tls import ServerCertificate
from sync.store.api.access import BY_CODE, Admission
from sync.store.api.app import create_app
from sync.store.api.connections import connection_options
from sync.store.database import Database

GRACE_S = 3
KEEP_ALIVE_S = 75
"""Longer than terminals keep a connection that they do not use: it is never closed under a request of theirs."""


SWITCH_S = 0.0005
"""After so long a thread lets another one go on. By Python's own 5 ms a transaction would wait so long behind requests
that are being read, each time that the database has answered it."""


def settle_in() -> None:
    """Of a process that serves and does nothing else, once it is ready: what is loaded stays.

    The collector need not look through it again and again: that held up all who waited for some 50 ms.
    """
    sys.setswitchinterval(SWITCH_S)
    gc.collect()
    gc.freeze()


class StoreServer(uvicorn.Server):
    """Serves one database until SIGINT or SIGTERM."""

    def __init__(
        self,
        database: Database,
        admission: Admission = BY_CODE,
        certificate: ServerCertificate | None = None,
        *,
        when_ready: Callable[[], None] = lambda: None,
    ) -> None:
        """``when_ready`` is called once requests are taken."""
        self._when_ready = when_ready
        self._app = create_app(database, admission)
        super().__init__(
            uvicorn.Config(
                self._app,
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=GRACE_S,
                timeout_keep_alive=KEEP_ALIVE_S,
                lifespan="on",
                **connection_options(certificate),
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._when_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop in good order, and at once when it is asked a second time.

        uvicorn's own would raise the signal again after the stop: the process would die of it with everything that
        stands around `run` undone.
        """
        self._app.state.tails.close()
        self.force_exit = self.should_exit
        self.should_exit = True
