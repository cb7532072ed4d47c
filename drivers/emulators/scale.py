"""An emulated scale on a pty or on TCP, for tests, the demo, training and a site's own trials.

It speaks the protocols of `drivers.scales` and can be given every fault of a real scale while it runs.
`python -m drivers.emulators.scale --protocol mt-sics --port 4305` starts one by itself; it takes loads line by line.
"""

import argparse
import fcntl
import os
import selectors
import socket
import struct
import sys
import termios
import threading
import time
import tty
from collections import deque
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import TracebackType
from typing import Self

from drivers.emulators.scale_inside import ScaleInside
from drivers.emulators.scale_voices import HID_DESCRIPTOR, VOICES

_READ_BYTES = 4096
_LONGEST_COMMAND_BYTES = 256
_WAKE_S = 0.01
_LARGEST_LOAD = 100_000


class EmulatedScale:
    """A scale in a thread of its own; a context manager. Its methods may be called from any thread.

    With `path` it is a pty behind that link (which must not exist yet), otherwise it listens on TCP. `unit` and
    `decimals` are how its display is set, loads are in that unit. One that sends by itself does so every `frame_s`.
    """

    def __init__(
        self,
        protocol: str,
        *,
        path: Path | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        unit: str = "kg",
        decimals: int = 3,
        capacity: Decimal = Decimal(30),
        frame_s: float = 0.02,
    ) -> None:
        self.path = path
        self.host = host
        self.port = port
        self._voice = VOICES[protocol]()
        self._is_hid = protocol == "hid"
        self._inside = ScaleInside(unit, decimals, capacity)
        self._frame_s = frame_s
        self._is_silent = False
        self._distort: Callable[[bytes], bytes] | None = None
        self._drop_after_bytes: int | None = None
        self._trickle_s = 0.0
        self._sent_frames = 0
        self._lines: dict[int, _Line] = {}
        self._listener: socket.socket | None = None
        self._host_end: int | None = None
        self._next_frame_s = 0.0
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="emulated-scale")

    def start(self) -> Self:
        """Plug it in. Raises `OSError` when port or path cannot be had."""
        if self._is_hid:
            self.descriptor_path.write_bytes(HID_DESCRIPTOR)
        self.replug()
        self._thread.start()
        return self

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self.unplug()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def sent_frames(self) -> int:
        """How many frames and answers it has sent, whole or not."""
        return self._sent_frames

    @property
    def descriptor_path(self) -> Path:
        """Where a HID scale's report descriptor is."""
        if self.path is None:
            raise ValueError("only a scale with a path has a descriptor")
        return self.path.with_name(f"{self.path.name}.descriptor")

    def put(self, load: str) -> None:
        """Lay this much on it instead of what was on it, at rest; "0" takes everything off. Raises `ValueError`."""
        try:
            weight = Decimal(load)
        except InvalidOperation:
            weight = Decimal("NaN")
        if not (weight.is_finite() and abs(weight) < _LARGEST_LOAD):
            raise ValueError(f"{load!r} is no load that can lie on a scale")
        self._change(load=weight, is_moving=False)

    def shake(self) -> None:
        self._change(is_moving=True)

    def break_down(self) -> None:
        """It has a fault of its own from now on."""
        self._change(is_defect=True)

    def lose_zero(self) -> None:
        self._change(has_lost_zero=True)

    def press_unit(self, unit: str) -> None:
        """Somebody pressed its unit key. The number on it stays, which no real scale does."""
        self._change(unit=unit)

    def fall_silent(self) -> None:
        """Say nothing any more; commands are still obeyed."""
        with self._lock:
            self._is_silent = True

    def cut_frames_after(self, sent_bytes: int) -> None:
        """Every frame stops after this many bytes; the link stays."""
        self._distort_by(lambda frame: frame[:sent_bytes])

    def babble(self, garbage: bytes) -> None:
        """Send this instead of every frame."""
        self._distort_by(lambda _frame: garbage)

    def damage_frames(self, place: int) -> None:
        """The last bit of this byte of every frame is turned over on the way."""
        self._distort_by(lambda frame: frame[:place] + bytes((frame[place] ^ 1,)) + frame[place + 1 :])

    def trickle(self, pause_s: float) -> None:
        """Send byte by byte with pauses."""
        with self._lock:
            self._trickle_s = pause_s

    def drop_link_after(self, sent_bytes: int) -> None:
        """Break the link off when this many bytes of the next frame are out. A pty is then unplugged."""
        with self._lock:
            self._drop_after_bytes = sent_bytes

    def recover(self) -> None:
        """Speak whole frames again, at full speed."""
        with self._lock:
            self._is_silent, self._distort, self._trickle_s = False, None, 0.0

    def unplug(self) -> None:
        """Pull the plug. What lies on it stays on it."""
        with self._lock:
            for descriptor in list(self._lines):
                self._hang_up(descriptor)
            if self._listener is not None:
                self._listener.close()
                self._listener = None
            if self._host_end is not None and self.path is not None:
                self.path.unlink()
                os.close(self._host_end)
                self._host_end = None

    def replug(self) -> None:
        """Plug it in again: the same port, or the same path with another device behind it."""
        with self._lock:
            if self.path is None and self._listener is None:
                self._listener = socket.create_server((self.host, self.port))
                self._listener.setblocking(False)
                self.port = self._listener.getsockname()[1]
            elif self.path is not None and self._host_end is None:
                scale_end, self._host_end = os.openpty()
                tty.setraw(self._host_end)
                os.set_blocking(scale_end, False)
                self._lines[scale_end] = _Line()
                self.path.symlink_to(os.ttyname(self._host_end))

    def _change(self, **changes: object) -> None:
        with self._lock:
            for name, value in changes.items():
                setattr(self._inside, name, value)

    def _distort_by(self, distort: Callable[[bytes], bytes]) -> None:
        with self._lock:
            self._distort = distort

    def _run(self) -> None:
        while not self._stop.is_set():
            with self._lock:
                self._accept()
                for descriptor in list(self._lines):
                    self._hear(descriptor)
                self._send_unasked()
                for descriptor in list(self._lines):
                    self._send_due(descriptor)
                watched = [*self._lines, *([self._listener.fileno()] if self._listener else [])]
            with selectors.DefaultSelector() as selector:
                for descriptor in watched:
                    _watch(selector, descriptor)
                selector.select(_WAKE_S) if watched else self._stop.wait(_WAKE_S)

    def _accept(self) -> None:
        if self._listener is None:
            return
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # To be broken off without a proper end: what is not sent yet is thrown away.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        descriptor = connection.detach()
        os.set_blocking(descriptor, False)
        self._lines[descriptor] = _Line()

    def _hear(self, descriptor: int) -> None:
        line = self._lines[descriptor]
        try:
            data = os.read(descriptor, _READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._hang_up(descriptor)
            return
        answers, line.pending = self._voice.obey(line.pending + data, self._inside)
        line.pending = line.pending[-_LONGEST_COMMAND_BYTES:]
        for answer in answers:
            self._say(line, answer)

    def _send_unasked(self) -> None:
        now_s = time.monotonic()
        if self._voice.streams and now_s >= self._next_frame_s:
            self._next_frame_s = now_s + self._frame_s
            for line in self._lines.values():
                if not line.waiting:
                    self._say(line, self._voice.frame(self._inside))

    def _say(self, line: "_Line", frame: bytes) -> None:
        if self._is_silent or not frame:
            return
        self._sent_frames += 1
        if self._distort is not None:
            frame = self._distort(frame)
        if self._trickle_s == 0.0:
            line.waiting.append((0.0, frame))
            return
        start_s = max(time.monotonic(), line.waiting[-1][0] if line.waiting else 0.0)
        for number in range(len(frame)):
            line.waiting.append((start_s + (number + 1) * self._trickle_s, frame[number : number + 1]))

    def _send_due(self, descriptor: int) -> None:
        waiting = self._lines[descriptor].waiting
        while waiting and waiting[0][0] <= time.monotonic():
            _, data = waiting.popleft()
            is_dropped = self._drop_after_bytes is not None
            data = data[: self._drop_after_bytes]
            if self._is_hid and self._host_has_unread():
                continue  # reports stay apart: a pty would hand on two of them as one
            try:
                os.write(descriptor, data)
            except BlockingIOError:
                # Nobody reads: like on a real line, it is lost.
                continue
            except OSError:
                is_dropped = True
            if is_dropped:
                self._drop_after_bytes = None
                self._break_off(descriptor)
                return

    def _host_has_unread(self) -> bool:
        if self._host_end is None:
            return False
        return struct.unpack("i", fcntl.ioctl(self._host_end, termios.FIONREAD, bytes(4))) != (0,)

    def _break_off(self, descriptor: int) -> None:
        if self.path is None:
            self._hang_up(descriptor)
        else:
            self.unplug()

    def _hang_up(self, descriptor: int) -> None:
        del self._lines[descriptor]
        os.close(descriptor)


class _Line:
    """One connection: what has come of a command, and what is still to be sent, each with its time."""

    def __init__(self) -> None:
        self.pending = b""
        self.waiting: deque[tuple[float, bytes]] = deque()


def _watch(selector: selectors.BaseSelector, descriptor: int) -> None:
    try:
        selector.register(descriptor, selectors.EVENT_READ)
    except (OSError, ValueError):
        # It was unplugged this very moment.
        return


def main(arguments: list[str] | None = None) -> int:
    """Run a scale until its input ends."""
    parser = argparse.ArgumentParser(
        description="An emulated scale. Each line of input is a load in its unit, or one of: shake, silent, recover,"
        " unplug, replug."
    )
    parser.add_argument("--protocol", choices=sorted(VOICES), required=True)
    parser.add_argument("--path", type=Path, help="be a serial line behind this link instead of listening on TCP")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--port", type=int, default=4305, help="the port to listen on; 0 takes a free one")
    parser.add_argument("--unit", default="kg")
    parser.add_argument("--decimals", type=int, default=3, help="places behind the point on its display")
    chosen = parser.parse_args(arguments)
    with EmulatedScale(
        chosen.protocol,
        path=chosen.path,
        host=chosen.host,
        port=chosen.port,
        unit=chosen.unit,
        decimals=chosen.decimals,
    ) as scale:
        sys.stdout.write(f"A scale stands at {scale.path or f'{scale.host}:{scale.port}'}. Type a load.\n")
        sys.stdout.flush()
        commands = {
            "shake": scale.shake,
            "silent": scale.fall_silent,
            "recover": scale.recover,
            "unplug": scale.unplug,
            "replug": scale.replug,
        }
        for line in sys.stdin:
            word = line.strip()
            try:
                commands[word]() if word in commands else scale.put(word)
            except ValueError as fault:
                sys.stdout.write(f"{fault}. Nothing was changed. Type for example 1.250.\n")
                sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
