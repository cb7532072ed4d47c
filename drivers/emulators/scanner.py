"""An emulated serial scanner on a pty, for tests, the demo and a site's own trials."""

import os
import time
import tty
from pathlib import Path


class EmulatedScanner:
    """A scanner that can be plugged in at `path`, a link that stays the same like those of /dev/serial/by-id.

    It is plugged in from the start. `path` must not exist yet; its directory must.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ends: tuple[int, int] | None = None
        self.replug()

    def send(
        self,
        code: str | bytes,
        *,
        symbology: str = "",
        suffix: str = "\r",
        prefix: str = "",
        delay_per_char_s: float = 0.0,
    ) -> None:
        """Scan one code: prefix, symbology identifier, code and suffix go out as UTF-8, or bytes as they are."""
        content = code if isinstance(code, bytes) else code.encode()
        self.send_raw(prefix.encode() + symbology.encode() + content + suffix.encode(), delay_per_char_s)

    def send_raw(self, data: bytes, delay_per_char_s: float = 0.0) -> None:
        """Put bytes on the line as they are, for half codes and garbage. Raises `OSError` when it is unplugged."""
        if self._ends is None:
            raise OSError("the scanner is unplugged")
        if delay_per_char_s <= 0:
            _write_all(self._ends[0], data)
            return
        for byte in data:
            _write_all(self._ends[0], bytes((byte,)))
            time.sleep(delay_per_char_s)

    def unplug(self) -> None:
        """Pull the plug: the path is gone and whoever reads it is told by the operating system."""
        if self._ends is None:
            return
        self.path.unlink()
        for end in self._ends:
            os.close(end)
        self._ends = None

    def replug(self) -> None:
        """Plug it in again: the same path, another device behind it."""
        if self._ends is not None:
            return
        scanner_end, host_end = os.openpty()
        tty.setraw(host_end)
        self._ends = (scanner_end, host_end)
        self.path.symlink_to(os.ttyname(host_end))

    def close(self) -> None:
        self.unplug()


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
