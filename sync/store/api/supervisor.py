"""Several processes that serve one PostgreSQL behind one listening socket, and the one that watches over them."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from time import monotonic
from types import FrameType

from sync.store.access.tls import ServerCertificate
from sync.store.api.access import Admission
from sync.store.api.server import GRACE_S, StoreServer, settle_in
from sync.store.database import Database

log = logging.getLogger("floorhand.store")

PAUSE_S = 1.0
"""Before a worker is started again that did not live longer than this."""
READY = b"ready"


class WorkerFailed(Exception):
    """A worker ended before all of them served: what it lacks it would lack again."""


@dataclass(frozen=True, slots=True)
class Service:
    """What every worker serves, and how."""

    db_url: str
    admission: Admission
    certificate: ServerCertificate | None


@dataclass(frozen=True, slots=True)
class _Worker:
    process: SpawnProcess
    lifeline: Connection
    """It says here that it serves, and ends when the other end is gone."""
    started_at: float


class Supervisor:
    """Keeps ``count`` workers alive until SIGTERM or SIGINT comes; a second one ends them at once."""

    def __init__(self, service: Service, listener: socket.socket, count: int) -> None:
        self._service = service
        self._listener = listener
        self._count = count
        self._spawn = multiprocessing.get_context("spawn")
        self._workers: list[_Worker] = []
        self._heard, self._said = self._spawn.Pipe(duplex=False)
        self._stops = 0

    def run(self, all_serve: Callable[[], None]) -> None:
        """Serve until told to stop; ``all_serve`` is called once. Raises `WorkerFailed`."""
        before = {sig: signal.signal(sig, self._on_signal) for sig in (signal.SIGTERM, signal.SIGINT)}
        try:
            self._workers = [self._start() for _ in range(self._count)]
            if self._all_are_ready():
                all_serve()
            while not self._stops:
                wait([self._heard, *(worker.process.sentinel for worker in self._workers)])
                self._replace_dead()
        finally:
            self._end()
            for sig, handler in before.items():
                signal.signal(sig, handler)

    def _on_signal(self, _sig: int, _frame: FrameType | None) -> None:
        self._stops += 1
        self._said.send_bytes(b"stop")

    def _start(self) -> _Worker:
        ours, theirs = self._spawn.Pipe()
        process = self._spawn.Process(target=_serve, args=(self._service, self._listener, theirs), daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours, monotonic())

    def _all_are_ready(self) -> bool:
        """Wait for all of them; False: told to stop before."""
        for worker in self._workers:
            if self._heard in wait([self._heard, worker.lifeline]):
                return False
            try:
                worker.lifeline.recv_bytes()
            except EOFError as error:
                raise WorkerFailed from error
        return True

    def _replace_dead(self) -> None:
        for place, worker in enumerate(self._workers):
            if self._stops or worker.process.is_alive():
                continue
            log.error("a worker ended (exit code %s) and is started again", worker.process.exitcode)
            worker.lifeline.close()
            if monotonic() - worker.started_at < PAUSE_S:
                wait([self._heard], PAUSE_S)
            if not self._stops:
                self._workers[place] = self._start()

    def _end(self) -> None:
        until = monotonic() + GRACE_S * 2
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            while worker.process.is_alive() and self._stops < 2 and monotonic() < until:
                wait([self._heard, worker.process.sentinel], until - monotonic())
                while self._heard.poll():
                    self._heard.recv_bytes()
            worker.process.kill()
            worker.process.join()
            worker.lifeline.close()


def _serve(service: Service, listener: socket.socket, lifeline: Connection) -> None:
    """A worker's life."""
    os.setpgid(0, 0)  # Ctrl+C is the supervisor's: it passes on what it is told
    logging.basicConfig()
    database = Database(service.db_url, serving=True)

    def watch() -> None:
        with suppress(EOFError, OSError):
            lifeline.recv_bytes()
        os.kill(os.getpid(), signal.SIGTERM)

    def ready() -> None:
        settle_in()
        lifeline.send_bytes(READY)
        threading.Thread(target=watch, daemon=True).start()

    try:
        StoreServer(database, service.admission, service.certificate, when_ready=ready).run(sockets=[listener])
    finally:
        database.close()
