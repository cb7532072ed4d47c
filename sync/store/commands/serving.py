"""`serve`: the store's HTTP server."""

from __future__ import annotations

import errno
import socket

import click

from sync.store.commands.context import StoreContext, fail, pass_context, shown_url

DEFAULT_PORT = 8440


@click.command("serve")
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for the whole network."
)
@click.option("--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(0, 65535))
@pass_context
def serve(context: StoreContext, host: str, port: int) -> None:
    """Serve terminals and integrators until it is stopped (Ctrl+C or SIGTERM)."""
    from sync.store.api.server import StoreServer

    with context.database() as database:
        try:
            listener = socket.create_server((host, port), backlog=1024)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                fail(f"Port {port} on {host} is not free. Stop what uses it, or take another with --port.")
            fail(f"{host} port {port} cannot be listened on: {error.strerror}. Give an address of this machine.")
        with listener:
            where = f"http://{host}:{listener.getsockname()[1]}"
            context.answer(
                {"url": where, "database": shown_url(context.db_url)},
                f"serving {shown_url(context.db_url)} on {where} (documentation: {where}/v1/docs)",
            )
            StoreServer(database).run(sockets=[listener])
