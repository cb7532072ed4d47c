"""A station's print service in a process of its own, which a test can kill."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from drivers.printers.station_client import StationClient
from tests.drivers.waiting import eventually

PROFILE = """
[[printers]]
name = "pack-1"
host = "127.0.0.1"
port = {port}
timeout_s = {timeout_s}
"""


class StationProcess:
    """`floor station serve` with one printer; a context manager. `folder` is short: a socket's path is."""

    def __init__(self, folder: Path, port: int, *, timeout_s: float = 1.0) -> None:
        self.socket = folder / "s.sock"
        self._folder = folder
        self._profile = folder / "station.toml"
        self._profile.write_text(PROFILE.format(port=port, timeout_s=timeout_s), "utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def start(self) -> None:
        """Returns when it listens."""
        command = [sys.executable, "-m", "floor", "station", "serve"]
        command += ["--profile", str(self._profile), "--socket", str(self.socket)]
        environment = os.environ | {"FLOORHAND_DATA": str(self._folder)}
        self._process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        assert b"Printing for terminals" in self._process.stdout.readline()

    def kill(self) -> None:
        self._finish(signal.SIGKILL, -signal.SIGKILL)

    def end(self) -> None:
        """As at shutdown: what is under way is finished."""
        if self._process is not None:
            self._finish(signal.SIGTERM, 0)

    def client(self) -> StationClient:
        return StationClient(self.socket, return_s=30.0)

    def until_ready(self) -> None:
        eventually(lambda: self.client().conditions()[0].word == "ready")

    def _finish(self, number: signal.Signals, code: int) -> None:
        process, self._process = self._process, None
        assert process is not None
        assert process.stdout is not None
        process.send_signal(number)
        assert process.wait(30) == code
        process.stdout.close()
