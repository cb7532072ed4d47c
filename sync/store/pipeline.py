"""Statements to PostgreSQL in one go: written to it together, and answered together.

psycopg's own pipeline writes each statement for itself, and looks each time whether an answer has come: with a score of
statements that took most of the time that a transaction has of this process, and woke the database for each. This one
goes through `psycopg.pq`, its wrapper of libpq, and prepares every statement the first time that it is sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from itertools import count
from time import monotonic
from typing import Any

import psycopg
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import Ready, Wait

Row = dict[str, Any]
Heard = Callable[[list[Row]], None]

KEPT_S = 30
_names = count(1)
_PLACE = re.compile(r"%(?:\((?P<name>\w+)\)s|(?P<next>s)|%)")
_ESCAPED = str.maketrans({"\\": r"\\", '"': r"\""})


class Prepared:
    """The names of a connection's statements by their text.

    They last for a while only: a plan that was made when a table was small must not be kept for ever.
    """

    def __init__(self) -> None:
        self.names: dict[str, bytes] = {}
        self._since_s = monotonic()

    def outlived(self) -> list[bytes]:
        """Those whose time is over; they are forgotten here."""
        if monotonic() - self._since_s < KEPT_S:
            return []
        over, self.names, self._since_s = [*self.names.values()], {}, monotonic()
        return over


class Pipeline:
    """Takes statements for one connection; `run` sends them. Values are written as text, for the server to read."""

    def __init__(self, driver: psycopg.Connection[Any], prepared: Prepared) -> None:
        """``prepared`` belongs to the connection."""
        self._driver = driver
        self._pg = driver.pgconn
        self._encoding = driver.info.encoding
        self._prepared = prepared
        self._new: dict[str, bytes] = {}
        self._commands: list[_Command] = []
        is_first = self._pg.transaction_status == TransactionStatus.IDLE
        for name in prepared.outlived() if is_first else ():  # one that was aborted takes nothing but its taking back
            self._add(partial(self._pg.send_query_params, b"DEALLOCATE " + name, None))

    def say(
        self,
        text: str,
        values: Sequence[Any] = (),
        names: Sequence[str] = (),
        heard: Heard | None = None,
        *,
        plan_anew: bool = False,
    ) -> None:
        """``text`` has ``$1``, ``$2`` ... for the ``values``; ``heard`` is given the rows by these names of columns.

        ``plan_anew``: neither prepared nor its plan kept. Raises `psycopg.DataError`.
        """
        written = [_written(value, self._encoding) for value in values]
        if plan_anew:
            self._add(partial(self._pg.send_query_params, text.encode(self._encoding), written), names, heard)
            return
        name = self._prepared.names.get(text) or self._new.get(text)
        if name is None:
            name = self._new[text] = b"floorhand_%d" % next(_names)
            self._add(partial(self._pg.send_prepare, name, text.encode(self._encoding)))
        self._add(partial(self._pg.send_query_prepared, name, written), names, heard)

    def _add(self, send: Callable[[], None], names: Sequence[str] = (), heard: Heard | None = None) -> None:
        self._commands.append(_Command(send, names, heard))

    def run(self) -> None:
        """Raises what the database says of the first statement that it does not take; none behind it is done then."""
        pg = self._pg
        if pg.transaction_status == TransactionStatus.IDLE and not self._driver.autocommit:
            self._commands.insert(0, _Command(partial(pg.send_query_params, b"BEGIN", None), (), None))
        try:
            pg.enter_pipeline_mode()
            for command in self._commands:
                command.send()
            pg.pipeline_sync()
            results = self._driver.wait(_results(pg, len(self._commands)))
            pg.exit_pipeline_mode()
        except BaseException:
            self._driver.close()  # nobody knows what it is in the middle of
            raise
        self._hear(results)
        self._prepared.names |= self._new

    def _hear(self, results: Sequence[PGresult]) -> None:
        reader = Transformer(self._driver)
        for result in results:
            if result.status == ExecStatus.FATAL_ERROR:
                raise error_from_result(result, self._encoding)
        for command, result in zip(self._commands, results, strict=True):
            if command.heard is not None:
                reader.set_pgresult(result)
                command.heard(reader.load_rows(0, result.ntuples, partial(_row, command.names)))


@dataclass(frozen=True, slots=True)
class _Command:
    send: Callable[[], None]
    names: Sequence[str]
    heard: Heard | None


def _row(names: Sequence[str], values: Sequence[Any]) -> Row:
    return dict(zip(names, values, strict=True))


def _results(pg: PGconn, awaited: int) -> Generator[Wait, Ready | int, list[PGresult]]:
    """One result for each command: while some are still being written, answers of others are read already."""
    while pg.flush():
        if (yield Wait.RW) & Ready.R:
            pg.consume_input()
    results: list[PGresult] = []
    while True:
        while pg.is_busy():
            yield Wait.R
            pg.consume_input()
        result = pg.get_result()
        if result is None:
            if pg.status != ConnStatus.OK:
                raise psycopg.OperationalError(f"the connection is lost: {pg.get_error_message()}")
        elif result.status != ExecStatus.PIPELINE_SYNC:
            results.append(result)
        elif len(results) == awaited:
            return results
        else:
            raise psycopg.InternalError(f"{len(results)} answers came to {awaited} statements")


@lru_cache(maxsize=1024)
def numbered(text: str) -> tuple[str, tuple[str, ...]]:
    """A text of psycopg's form (``%s``, or ``%(name)s``) with ``$1``, ``$2`` ... instead, and the names in order."""
    names: list[str] = []

    def place(found: re.Match[str]) -> str:
        if found["next"]:
            names.append("")
            return f"${len(names)}"
        if not found["name"]:
            return "%"
        if found["name"] not in names:
            names.append(found["name"])
        return f"${names.index(found['name']) + 1}"

    return _PLACE.sub(place, text), tuple(names)


def _written(value: Any, encoding: str) -> bytes | None:
    match value:
        case None:
            return None
        case str():
            text = value
        case bool():
            text = "t" if value else "f"
        case int():
            text = str(value)
        case datetime():
            text = value.isoformat()
        case list():
            text = "{" + ",".join(map(_element, value)) + "}"
        case _:
            raise psycopg.DataError(f"a value of the kind {type(value).__name__} cannot be written")
    if "\0" in text:
        raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    with suppress(UnicodeEncodeError):
        return text.encode(encoding)
    raise psycopg.DataError(f"a text does not fit into {encoding}")


def _element(value: Any) -> str:
    return f'"{value.translate(_ESCAPED)}"' if isinstance(value, str) else str(int(value))
