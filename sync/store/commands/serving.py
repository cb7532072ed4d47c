"""`serve`: the store's HTTP server."""

from __future__ import annotations

import errno
import fcntl
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from sqlalchemy.engine import make_url

from sync.store.commands.access import Served, serve_options, served
from sync.store.commands.context import StoreContext, fail, pass_context, shown_url
from sync.store.database import Database

DEFAULT_PORT = 8440
MOST_WORKERS = 8


@click.command("serve")
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for the whole network."
)
@click.option("--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(0, 65535))
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, MOST_WORKERS),
    help="Processes that serve; more than one needs PostgreSQL.",
)
@serve_options
@pass_context
def serve(context: StoreContext, /, host: str, port: int, workers: int, **how: Any) -> None:
    """Serve terminals and integrators until it is stopped (Ctrl+C or SIGTERM)."""
    way = served(context, host, how)
    file = _sqlite_file(context.db_url)
    if file is not None and workers > 1:
        fail(
            f"{workers} workers cannot serve an SQLite file: only one process may write it. Leave out --workers, or "
            "give a PostgreSQL database with --db."
        )
    with context.database(serving=True) as database, _alone(file), _listening(host, port) as listener:
        where = f"{way.scheme}://{host}:{listener.getsockname()[1]}"

        def announce() -> None:
            context.answer(
                {"url": where, "database": shown_url(context.db_url)},
                f"serving {shown_url(context.db_url)} on {where} (documentation: {where}/v1/docs)",
            )

        if workers == 1:
            _serve_here(database, way, listener, announce)
        else:
            _serve_by_workers(context.db_url, way, listener, workers, announce)


def _serve_here(database: Database, way: Served, listener: socket.socket, announce: Callable[[], None]) -> None:
    from sync.store.api.server import StoreServer, settle_in

    def ready() -> None:
        settle_in()
        announce()

    StoreServer(database, way.admission, way.certificate, when_ready=ready).run(sockets=[listener])


def _serve_by_workers(
    db_url: str, way: Served, listener: socket.socket, workers: int, announce: Callable[[], None]
) -> None:
    from sync.store.api.supervisor import Service, Supervisor, WorkerFailed

    try:
        Supervisor(Service(db_url, way.admission, way.certificate), listener, workers).run(announce)
    except WorkerFailed:
        fail("A worker did not start; its reason stands above. Mend that and start the store again.")


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    try:
        listener = socket.create_server((host, port), backlog=1024)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            fail(f"Port {port} on {host} is not free. Stop what uses it, or take another with --port.")
        fail(f"{host} port {port} cannot be listened on: {error.strerror}. Give an address of this machine.")
    with listener:
        yield listener


@contextmanager
def _alone(file: Path | None) -> Iterator[None]:
    """Hold the file beside an SQLite database that says that it is served; the system lets go of it at any end."""
    if file is None:
        yield
        return
    with Path(f"{file}.serving").open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            fail(f"{file} is served already, and only one process may write it. Stop that `floor store serve` first.")
        yield


def _sqlite_file(db_url: str) -> Path | None:
    parsed = make_url(db_url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None
