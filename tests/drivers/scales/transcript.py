"""A peer on TCP that plays a transcript: what it must be sent, and what it answers to that."""

import select
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from drivers.transport.tcp import TcpAddress

Pair = tuple[bytes, bytes]
_LIMIT_S = 20.0


@contextmanager
def playing(pairs: Sequence[Pair], *, again_and_again: bool = False) -> Iterator[TcpAddress]:
    """Fails when something else is sent than the next pair says, and when a pair was not used.

    A pair that is sent b"" is what the scale says by itself. With `again_and_again` it starts anew until the link ends.
    """
    problems: list[str] = []
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(_LIMIT_S)

    def play() -> None:
        with listener:
            connection, _ = listener.accept()
        with connection:
            connection.settimeout(_LIMIT_S)
            for number, (sent, answered) in enumerate(pairs):
                received = _received(connection, sent)
                if received != sent:
                    problems.append(f"pair {number}: {sent!r} was due, {received!r} came")
                    return
                connection.sendall(answered)
            while again_and_again:
                for sent, answered in pairs:
                    if _is_over(connection) or _received(connection, sent) != sent:
                        return
                    connection.sendall(answered)
            if further := connection.recv(4096):
                problems.append(f"after the last pair came {further!r}")

    peer = threading.Thread(target=play)
    peer.start()
    try:
        yield TcpAddress("127.0.0.1", listener.getsockname()[1])
    finally:
        peer.join()
    assert not problems, problems


def _received(connection: socket.socket, sent: bytes) -> bytes:
    received = b""
    while len(received) < len(sent) and (data := connection.recv(len(sent) - len(received))):
        received += data
    return received


def _is_over(connection: socket.socket) -> bool:
    """Whether the other end has closed; waits a little, which is the pause of a scale that sends by itself."""
    readable, _, _ = select.select([connection], [], [], 0.01)
    return bool(readable) and not connection.recv(1, socket.MSG_PEEK)
