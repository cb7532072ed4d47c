"""One program on a machine writes to a printer: only then its odometer tells about our label.

A lock file for each printer, in a folder that all programs of the machine share. It goes with the process that holds
it, however that ends, and names the ledger of who held it last: when that was another one, the odometer may have moved
for labels that are not ours.
"""

import fcntl
import hashlib
import os
from pathlib import Path

from drivers.printers.links import PrinterPlace


class OneWriter:
    """The right to write to one printer, for the ledger called `ledger_id`. Not yet held when made."""

    def __init__(self, folder: Path, place: PrinterPlace, ledger_id: str) -> None:
        self._path = folder / f"{hashlib.sha256(str(place).encode()).hexdigest()[:32]}.lock"
        self._ledger_id = ledger_id.encode()
        self._descriptor: int | None = None
        self.is_signed = False
        """Whether nobody else has held it since this ledger did."""

    def take(self) -> bool:
        """Whether it is held now. Called again, it costs nothing. Raises `OSError` when the folder cannot be used."""
        if self._descriptor is not None:
            return True
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.is_signed = os.pread(descriptor, 200, 0) == self._ledger_id
        except BlockingIOError:
            os.close(descriptor)
            return False
        except OSError:
            os.close(descriptor)
            raise
        self._descriptor = descriptor
        return True

    def sign(self) -> None:
        """Say, for good, that it is this ledger's now. Raises `OSError`."""
        if self._descriptor is not None:
            os.pwrite(self._descriptor, self._ledger_id, 0)
            os.ftruncate(self._descriptor, len(self._ledger_id))
            os.fsync(self._descriptor)
            self.is_signed = True

    def give_back(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
