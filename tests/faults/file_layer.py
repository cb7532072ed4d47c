"""What SQLite does to files in this process, step by step: a layer under the real one that tells of every write.

It replaces three functions of SQLite's own file layer (write, truncate, sync) and two of its directory (open, delete)
by ones that tell and then call the original. Whoever is told may kill the process: before, inside and after a commit.
"""

from __future__ import annotations

import _sqlite3
import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

_OPEN_FIELDS = ("iVersion", "szOsFile", "mxPathname")
FULL = 13
READ_ONLY = 8
IO_ERROR_WRITE = 10 | 3 << 8
IO_ERROR_SYNC = 10 | 4 << 8
"""Result codes of https://sqlite.org/rescode.html."""
_INT, _P, _I64 = ctypes.c_int, ctypes.c_void_p, ctypes.c_int64


class _Vfs(ctypes.Structure):
    """sqlite3_vfs of https://sqlite.org/c3ref/vfs.html; functions that stay as they are, are plain pointers."""

    _fields_ = [
        *((name, _INT) for name in _OPEN_FIELDS),
        ("pNext", _P),
        ("zName", ctypes.c_char_p),
        ("pAppData", _P),
        ("xOpen", _P),
        ("xDelete", _P),
        ("others", _P * 14),
    ]


class _Methods(ctypes.Structure):
    """sqlite3_io_methods of https://sqlite.org/c3ref/io_methods.html."""

    _fields_ = [
        ("iVersion", _INT),
        ("xClose", _P),
        ("xRead", _P),
        ("xWrite", _P),
        ("xTruncate", _P),
        ("xSync", _P),
        ("others", _P * 13),
    ]


# Names go through as the pointers that they are: SQLite keeps them.
_OPEN = ctypes.CFUNCTYPE(_INT, _P, _P, _P, _INT, _P)
_DELETE = ctypes.CFUNCTYPE(_INT, _P, _P, _INT)
_WRITE = ctypes.CFUNCTYPE(_INT, _P, _P, _INT, _I64)
_TRUNCATE = ctypes.CFUNCTYPE(_INT, _P, _I64)
_SYNC = ctypes.CFUNCTYPE(_INT, _P, _INT)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that SQLite is about to do to a file. ``data`` is what it writes at ``at``; ``at`` a new length too."""

    what: Literal["write", "truncate", "sync", "delete"]
    file: str
    at: int = 0
    data: bytes = b""


def _name_at(name: int) -> str:
    return Path(ctypes.string_at(name).decode()).name


_LAYERS: list[FileLayer] = []
"""SQLite holds on to a layer until the process ends."""


class FileLayer:
    """From its making on every file that SQLite opens in this process is told of.

    ``before`` hears each step before it is done and answers with 0, or with SQLite's code of a failure (`FULL`,
    `READ_ONLY`, `IO_ERROR_WRITE`, `IO_ERROR_SYNC`): then the step is not done, and SQLite sees it fail.
    """

    def __init__(self, before: Callable[[Step], int]) -> None:
        self._before = before
        self._names: dict[int, str] = {}
        self._methods: dict[int, _Methods] = {}
        self._kept: list[Any] = []  # what C code points at must not be collected
        library: Any = ctypes.CDLL(_sqlite3.__file__)
        library.sqlite3_vfs_find.restype = _P
        found = library.sqlite3_vfs_find(None)
        if not found:
            raise RuntimeError("SQLite names no file layer of its own")
        self._real = _Vfs.from_address(found)
        self._layer = _Vfs.from_buffer_copy(self._real)
        self._layer.pNext, self._layer.zName = None, b"told"
        self._layer.xOpen = self._pointer(_OPEN(self._open))
        self._layer.xDelete = self._pointer(_DELETE(self._delete))
        if library.sqlite3_vfs_register(ctypes.byref(self._layer), 1) != 0:
            raise RuntimeError("SQLite does not take the layer")
        _LAYERS.append(self)

    def _pointer(self, function: Any) -> int | None:
        self._kept.append(function)
        return ctypes.cast(function, _P).value

    def _open(self, _vfs: int, name: int | None, file: int, flags: int, out_flags: int) -> int:
        result: int = _OPEN(self._real.xOpen)(ctypes.addressof(self._real), name, file, flags, out_flags)
        slot = _P.from_address(file)
        if result == 0 and slot.value and name is not None:
            self._names[file] = _name_at(name)
            slot.value = ctypes.addressof(self._told_methods(slot.value))
        return result

    def _delete(self, _vfs: int, name: int, sync_folder: int) -> int:
        step = Step("delete", _name_at(name))
        return self._before(step) or int(_DELETE(self._real.xDelete)(ctypes.addressof(self._real), name, sync_folder))

    def _told_methods(self, address: int) -> _Methods:
        if address not in self._methods:
            real = _Methods.from_address(address)
            write, truncate, sync = _WRITE(real.xWrite), _TRUNCATE(real.xTruncate), _SYNC(real.xSync)

            def told_write(file: int, data: int, size: int, at: int) -> int:
                step = Step("write", self._names[file], at, ctypes.string_at(data, size))
                return self._before(step) or int(write(file, data, size, at))

            def told_truncate(file: int, size: int) -> int:
                return self._before(Step("truncate", self._names[file], size)) or int(truncate(file, size))

            def told_sync(file: int, flags: int) -> int:
                return self._before(Step("sync", self._names[file])) or int(sync(file, flags))

            told = _Methods.from_buffer_copy(real)
            told.xWrite = self._pointer(_WRITE(told_write))
            told.xTruncate = self._pointer(_TRUNCATE(told_truncate))
            told.xSync = self._pointer(_SYNC(told_sync))
            self._methods[address] = told
        return self._methods[address]
