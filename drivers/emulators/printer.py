"""An emulated ZPL printer on TCP, for tests, the demo, training and a site's own trials.

It takes jobs from any number of connections, prints into a directory and can be given every fault of a real printer
while it runs. `python -m drivers.emulators.printer --port 9100 --labels DIR` starts one by itself.
"""

import argparse
import asyncio
import signal
import socket
import struct
import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar, cast

from drivers.emulators.label_files import LabelFiles, PrintedLabel
from drivers.emulators.printer_state import PrinterInside, Waiting
from drivers.emulators.zpl_stream import Format, GetVariable, Immediate, Received, Unknown, ZplStream
from drivers.printers.zpl_job import labels_in_format

_T = TypeVar("_T")

_UNKNOWN_KEPT = 100
"""How many pieces of what it did not know are kept to be told: garbage may come without end."""


class EmulatedPrinter:
    """A printer in a thread of its own; a context manager. Its methods may be called from any thread.

    `labels_dir` receives `0001.zpl` and `0001.png` for every label that comes out; numbers go on where the directory
    left off, and the odometer is the number of the last label. `on_label` is called in the printer's thread the moment
    a label is out, before its picture is drawn, `on_bytes` with every piece that arrives. `print_time_s` is how long
    one label takes. With `silent_when_faulted` it does not answer `~HS` while it is out of paper or ribbon or open, as
    real ones do.
    """

    def __init__(
        self,
        labels_dir: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        print_time_s: float = 0.0,
        silent_when_faulted: bool = False,
        on_label: Callable[[PrintedLabel], object] | None = None,
        on_bytes: Callable[[bytes], object] | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self._print_time_s = print_time_s
        self._on_label = on_label
        self._on_bytes = on_bytes
        self._files = LabelFiles(labels_dir)
        self._inside = PrinterInside(odometer=self._files.last_number, silent_when_faulted=silent_when_faulted)
        self._connections: set[_Connection] = set()
        self._stump = b""
        self._printing: asyncio.TimerHandle | None = None
        self._cut_after_bytes: int | None = None
        self._has_power = True
        self._is_linked = True
        self._distort: Callable[[bytes], bytes] | None = None
        self._unknown: deque[bytes] = deque(maxlen=_UNKNOWN_KEPT)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> Self:
        """Listen. Raises `OSError` when the port cannot be had. With port 0, `port` is the one that was given."""
        started: Future[int] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(started)), name="emulated-printer")
        self._thread.start()
        self.port = started.result()
        return self

    def close(self) -> None:
        """Stop listening, drop all connections and wait until every picture is written."""
        if self._thread is not None:
            self._do(self._stop.set)
            self._thread.join()
            self._thread = None
        self._files.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def odometer(self) -> int:
        """How many labels have come out since the directory was new."""
        return self._do(lambda: self._inside.odometer)

    @property
    def waiting_labels(self) -> int:
        """How many labels were received and have not come out yet."""
        return self._do(lambda: sum(waiting.copies for waiting in self._inside.buffer))

    @property
    def problems(self) -> tuple[str, ...]:
        """What it was sent and did not know, and what pictures could not show, in plain words."""
        unknown = self._do(lambda: [f"not known outside a label: {raw!r}" for raw in self._unknown])
        return (*unknown, *self._files.problems)

    def run_out_of_paper(self) -> None:
        """The label in hand is interrupted and is printed again from its start when paper is loaded."""
        self._set(paper_out=True)

    def load_paper(self) -> None:
        self._set(paper_out=False)

    def run_out_of_ribbon(self) -> None:
        self._set(ribbon_out=True)

    def load_ribbon(self) -> None:
        self._set(ribbon_out=False)

    def open_head(self) -> None:
        self._set(head_open=True)

    def close_head(self) -> None:
        self._set(head_open=False)

    def pause(self) -> None:
        self._set(paused=True)

    def resume(self) -> None:
        self._set(paused=False)

    def fall_silent(self) -> None:
        """Answer nothing any more; what is received is still taken and printed."""
        self._set(silent=True)

    def speak(self) -> None:
        """Answer whole and truly again."""
        self._set(silent=False)
        self._distort = None

    def cut_answers_after(self, sent_bytes: int) -> None:
        """Every answer stops after this many bytes; the link stays."""
        self._distort = lambda answer: answer[:sent_bytes]

    def babble(self, garbage: bytes) -> None:
        """Send this instead of every answer."""
        self._distort = lambda _answer: garbage

    def cut_link_after(self, received_bytes: int) -> None:
        """Break the connection off when this many more bytes have been received. What came before them is kept."""

        def arm() -> None:
            self._cut_after_bytes = received_bytes

        self._do(arm)

    def lose_link(self) -> None:
        """Drop every connection, and every new one until `restore_link`; what was received is kept and printed."""

        def cut() -> None:
            self._is_linked = False
            for connection in list(self._connections):
                connection.drop()

        self._do(cut)

    def restore_link(self) -> None:
        def join() -> None:
            self._is_linked = True

        self._do(join)

    def lose_power(self) -> None:
        """Drop every connection and empty the buffer; until `restore_power` every new connection is dropped too."""

        def go_dark() -> None:
            self._has_power = False
            self._cancel_printing()
            self._inside.buffer.clear()
            for connection in list(self._connections):
                connection.stream.cancel_format()
                connection.drop()
            self._stump = b""

        self._do(go_dark)

    def restore_power(self) -> None:
        def light_up() -> None:
            self._has_power = True

        self._do(light_up)

    def _set(self, **flags: bool) -> None:
        def change() -> None:
            for name, value in flags.items():
                setattr(self._inside, name, value)
            if self._inside.prints:
                self._print_on()
            else:
                self._cancel_printing()

        self._do(change)

    def _do(self, action: Callable[[], _T]) -> _T:
        """Run `action` in the printer's thread, the only one that touches its inside, and return what it returns."""
        if self._loop is None or threading.current_thread() is self._thread:
            return action()
        done: Future[_T] = Future()

        def run() -> None:
            done.set_result(action())

        self._loop.call_soon_threadsafe(run)
        return done.result()

    async def _serve(self, started: Future[int]) -> None:
        loop = asyncio.get_running_loop()
        try:
            server = await loop.create_server(
                lambda: _Connection(self._joined, self._received, self._left), self.host, self.port
            )
        except OSError as fault:
            started.set_exception(fault)
            return
        self._loop = loop
        started.set_result(server.sockets[0].getsockname()[1])
        await self._stop.wait()
        self._loop = None
        server.close()
        self._cancel_printing()
        for connection in list(self._connections):
            connection.drop()
        await server.wait_closed()

    def _joined(self, connection: "_Connection") -> None:
        if not (self._has_power and self._is_linked):
            connection.drop()
            return
        connection.stream = ZplStream(self._stump)
        self._stump = b""
        self._connections.add(connection)

    def _left(self, connection: "_Connection") -> None:
        if connection in self._connections:
            self._connections.discard(connection)
            self._stump += connection.stream.stump

    def _received(self, connection: "_Connection", data: bytes) -> None:
        if connection not in self._connections:
            return
        if self._on_bytes is not None:
            self._on_bytes(data)
        if self._cut_after_bytes is not None:
            data = data[: self._cut_after_bytes]
            self._cut_after_bytes -= len(data)
        for received in connection.stream.feed(data):
            self._obey(received, connection)
        if self._cut_after_bytes == 0:
            self._cut_after_bytes = None
            connection.drop()

    def _obey(self, received: Received, connection: "_Connection") -> None:
        match received:
            case Format(zpl):
                if copies := labels_in_format(zpl):
                    self._inside.buffer.append(Waiting(zpl, copies))
                    self._print_on()
            case Immediate("~HS"):
                if self._inside.answers_host_status:
                    self._inside.has_partial_format = any(other.stream.stump for other in self._connections)
                    self._say(connection, self._inside.host_status())
            case Immediate("~HQES"):
                self._say(connection, self._inside.error_status())
            case Immediate("~JX"):
                pass
            case Immediate("~JA"):
                self._cancel_printing()
                self._inside.buffer.clear()
            case Immediate(name):
                self._unknown.append(name.encode())
            case GetVariable(name):
                self._say(connection, self._inside.variable(name))
            case Unknown(raw):
                self._unknown.append(raw)

    def _say(self, connection: "_Connection", answer: bytes) -> None:
        if not self._inside.silent:
            connection.say(answer if self._distort is None else self._distort(answer))

    def _print_on(self) -> None:
        if self._printing is None and self._inside.prints and self._inside.buffer:
            self._printing = asyncio.get_running_loop().call_later(self._print_time_s, self._put_out)

    def _put_out(self) -> None:
        self._printing = None
        waiting = self._inside.buffer[0]
        label = self._files.write(self._inside.odometer + 1, waiting.zpl)
        waiting.copies -= 1
        if waiting.copies == 0:
            self._inside.buffer.popleft()
        self._inside.odometer += 1
        self._print_on()
        if self._on_label is not None:
            self._on_label(label)

    def _cancel_printing(self) -> None:
        if self._printing is not None:
            self._printing.cancel()
            self._printing = None


class _Connection(asyncio.Protocol):
    def __init__(
        self,
        joined: Callable[["_Connection"], None],
        received: Callable[["_Connection", bytes], None],
        left: Callable[["_Connection"], None],
    ) -> None:
        self.stream = ZplStream()
        self._joined = joined
        self._received = received
        self._left = left
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._joined(self)

    def data_received(self, data: bytes) -> None:
        self._received(self, data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._left(self)

    def say(self, answer: bytes) -> None:
        if self._transport is not None:
            self._transport.write(answer)

    def drop(self) -> None:
        """Break the connection off without a proper end: what is not sent yet is thrown away."""
        if self._transport is not None:
            link: socket.socket = self._transport.get_extra_info("socket")
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._transport.abort()


def main(arguments: list[str] | None = None) -> int:
    """Run a printer until it is interrupted."""
    parser = argparse.ArgumentParser(description="An emulated ZPL printer that prints into a directory.")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--port", type=int, default=9100, help="the port to listen on; 0 takes a free one")
    parser.add_argument("--labels", type=Path, required=True, metavar="DIR", help="where labels and pictures go")
    chosen = parser.parse_args(arguments)
    stop = threading.Event()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())

    def say(line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    with EmulatedPrinter(
        chosen.labels,
        host=chosen.host,
        port=chosen.port,
        on_label=lambda label: say(f"printed {label.zpl_path}"),
    ) as printer:
        say(f"Listening on {printer.host}:{printer.port}, labels go to {chosen.labels}. Ctrl+C ends it.")
        stop.wait()
    for problem in printer.problems:
        say(problem)
    return 0


if __name__ == "__main__":
    sys.exit(main())
