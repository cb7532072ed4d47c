"""The model, and the real store with real terminals, behind one interface."""

from __future__ import annotations

import copy
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any, Protocol

from sync.record.ids import EventId
from sync.store import tables as t
from sync.store.changes import Reader
from sync.store.keeping.backing_up import copy_file
from sync.store.keeping.restoring import restored
from sync.store.keeping.snapshots import told_rows
from sync.terminal.connection import Unknown
from sync.terminal.session import TerminalSession
from sync.wire.codec import chain
from tests.store.floor_ledger import GENESIS, bind, claim
from tests.store.small_site import SITE
from tests.sync.agreement_kinds import ASKED, Kind
from tests.sync.agreement_model import BEGINNING, Fork, Gap, Kept, Safeguard, Store, Terminal, link
from tests.sync.real_store import WORKER, RealStore, down, settle, up

FATES = ("arrives", "request lost", "answer lost", "twice", "late")


class World(Protocol):
    can_move: bool
    """Whether leads move and cancel lines here."""

    def terminals(self) -> int: ...
    def record(self, who: int, kind: Kind, line: int) -> tuple[str, str]:
        """Returns the fact's id and who wrote it."""
        ...

    def deliver(self, who: int, at_most: int, fate: str) -> None: ...
    def arrive_late(self, number: int) -> None: ...
    def follow(self, who: int) -> None: ...
    def move(self, line: int) -> None: ...
    def cancel(self, line: int) -> None: ...
    def back_up(self) -> None: ...
    def restore(self, number: int) -> None: ...
    def clone(self, who: int) -> None: ...
    def settle(self) -> None:
        """The faults are over: everybody delivers and follows, without anybody's help, until it is quiet."""
        ...

    def received(self) -> dict[str, tuple[str, str]]:
        """By the id of each fact at the store: its verdict, and who wrote it."""
        ...

    def counted(self) -> dict[int, tuple[int, int]]:
        """By line: pieces that count, and pieces beyond them."""
        ...

    def unjudged(self) -> int: ...
    def differences(self) -> list[str]:
        """Between what terminals hold and the store, when it is quiet."""
        ...

    def broken_chains(self) -> list[str]: ...
    def close(self) -> None: ...


class ModelWorld:
    can_move = True

    def __init__(self, without: Safeguard | None = None) -> None:
        self.without = without
        self.store = Store(without)
        self.devices = [Terminal("HH-07", without), Terminal("HH-08", without)]
        self.backups: list[Kept] = []
        self.late: list[tuple[str, list[Any]]] = []

    def terminals(self) -> int:
        return len(self.devices)

    def record(self, who: int, kind: Kind, line: int) -> tuple[str, str]:
        return self.devices[who].record(kind, line), self.devices[who].name

    def deliver(self, who: int, at_most: int, fate: str) -> None:
        terminal = self.devices[who]
        stream, entries = terminal.stream, terminal.batch(at_most)
        if not entries or fate == "request lost":
            return
        if fate == "late":
            self.late.append((stream, entries))
            return
        try:
            answer = self.store.push(stream, entries)
            if fate == "twice":
                answer = self.store.push(stream, entries)
            if fate != "answer lost":
                terminal.answered(answer)
        except Fork:
            terminal.forked()
        except Gap as gap:
            terminal.gap(gap.hwm)

    def arrive_late(self, number: int) -> None:
        if self.late:
            stream, entries = self.late.pop(number % len(self.late))
            try:
                self.store.push(stream, entries)
            except (Fork, Gap):
                return  # nobody listens any more

    def follow(self, who: int) -> None:
        terminal = self.devices[who]
        terminal.take(self.store.pull(terminal.incarnation, terminal.cursor, terminal.stream))

    def move(self, line: int) -> None:
        self.store.move(line)

    def cancel(self, line: int) -> None:
        self.store.kept.cancelled.add(line)

    def back_up(self) -> None:
        self.backups.append(self.store.kept.copy())

    def restore(self, number: int) -> None:
        if self.backups:
            self.store.restore(self.backups[number % len(self.backups)])

    def clone(self, who: int) -> None:
        self.devices.append(copy.deepcopy(self.devices[who]))

    def settle(self) -> None:
        while self.late:
            self.arrive_late(0)
        for _ in range(40):
            for who in range(len(self.devices)):
                self.follow(who)
                self.deliver(who, 50, "arrives")
        for who in range(len(self.devices)):
            self.follow(who)

    def received(self) -> dict[str, tuple[str, str]]:
        entries = [entry for held in self.store.kept.streams.values() for entry in held.values()]
        writers = {entry.event_id: entry.writer for entry in entries}
        return {event_id: (verdict, writers[event_id]) for event_id, verdict in self.store.kept.known.items()}

    def counted(self) -> dict[int, tuple[int, int]]:
        return {number: (line.counted, line.extra) for number, line in self.store.kept.lines.items()}

    def unjudged(self) -> int:
        return sum(entry.verdict is None for terminal in self.devices for entry in terminal.ledger)

    def differences(self) -> list[str]:
        return [
            f"{terminal.name} line {number}: {terminal.shown(number)}, store {line.shown}"
            for terminal in self.devices
            for number, line in self.store.kept.lines.items()
            if terminal.shown(number) != line.shown
        ]

    def broken_chains(self) -> list[str]:
        broken = []
        for stream, held in self.store.kept.streams.items():
            h = BEGINNING
            for seq, entry in sorted(held.items()):
                h = link(h, entry.event_id)
                if entry.h != h:
                    broken.append(f"{stream}/{seq}")
        return broken

    def close(self) -> None:
        """Nothing is open."""


class RealWorld:
    """Two terminals that hold a list each. On SQLite: a restore is a file that is put back."""

    can_move = False

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="floorhand-agreement-"))
        self.store = RealStore(f"sqlite:///{self.folder / 'store.db'}")
        self.sessions: list[TerminalSession] = []
        self.folders: list[Path] = []
        self.backups: list[Path] = []
        self.restores = 0
        self.late: list[tuple[Any, Any]] = []
        for list_id, name in ((1, "HH-07"), (2, "HH-08")):
            session = self._open(self.folder / name, name)
            settle(session)
            session.record([claim(list_id), bind(f"T-{list_id}", list_id)], worker_id=WORKER)
            settle(session)

    def _open(self, folder: Path, name: str) -> TerminalSession:
        session = self.store.terminal(folder, name)
        self.sessions.append(session)
        self.folders.append(folder)
        return session

    def terminals(self) -> int:
        return len(self.sessions)

    def record(self, who: int, kind: Kind, line: int) -> tuple[str, str]:
        session = self.sessions[who]
        (event_id,) = session.record([kind.fact(line)], worker_id=WORKER)
        return event_id, session.terminal_id()

    def deliver(self, who: int, at_most: int, fate: str) -> None:
        uploader = self.sessions[who].uploader
        assert uploader is not None
        client = uploader._client
        uploader._at_most = at_most
        uploader._client = _Troubled(client, fate, self.late)  # type: ignore[assignment]
        try:
            uploader.round()
        finally:
            uploader._client = client

    def arrive_late(self, number: int) -> None:
        if self.late:
            client, said = self.late.pop(number % len(self.late))
            client.push(*said)

    def follow(self, who: int) -> None:
        down(self.sessions[who])

    def move(self, line: int) -> None:
        raise NotImplementedError

    cancel = move

    def back_up(self) -> None:
        self.backups.append(self.folder / f"backup-{len(self.backups)}.db")
        copy_file(self.store.site.database, self.backups[-1])

    def restore(self, number: int) -> None:
        if self.backups:
            self.restores += 1
            self.store.put_back(self.backups[number % len(self.backups)])
            if self.restores % 2:  # every other time the administrator forgets to say so
                restored(self.store.site.database, by="Ada")

    def clone(self, who: int) -> None:
        session, folder = self.sessions[who], self.folders[who]
        session.close()
        copied = self.folder / f"clone-{len(self.sessions)}"
        shutil.copytree(folder, copied)
        self.sessions[who] = self.store.terminal(folder, session.terminal_id())
        self._open(copied, session.terminal_id())

    def settle(self) -> None:
        while self.late:
            self.arrive_late(0)
        for session in self.sessions:
            assert session.downloader is not None
            session.downloader.check_soon()
            up(session)
        settle(*self.sessions)

    def received(self) -> dict[str, tuple[str, str]]:
        found = {}
        for row in self.store.site.rows(t.event):
            if row["verdict"] != "duplicate":
                session = self.sessions[0]
                said = session._record.ledger.entry(EventId(row["event_id"]))
                writer = "" if said is None else said.stamp.terminal_id
                found[row["event_id"]] = (f"{row['verdict']}:{row['reason']}", writer or _writer(row["body"]))
        return found

    def counted(self) -> dict[int, tuple[int, int]]:
        lines = {row["line_id"]: row for row in self.store.site.rows(t.pick_line)}
        return {number: (lines[number]["picked"], lines[number]["surplus"]) for number in ASKED}

    def unjudged(self) -> int:
        sql = "SELECT count(*) FROM entry LEFT JOIN verdict USING (event_id) WHERE verdict IS NULL"
        return sum(int(session._record.ledger.file.rows(sql)[0][0]) for session in self.sessions)

    def differences(self) -> list[str]:
        found = list(self.store.site.differences())
        for session in self.sessions:
            reader = Reader(SITE, session.terminal_id(), session._record.ledger.stream_id(), (), None)
            with self.store.site.database.read() as conn:
                told = {(kind, key): data for kind, key, data in told_rows(conn, reader)}
            held = {(kind, key): data for kind, key, data in session._record.replica.rows_behind("", "", 10_000)}
            found += [
                f"{session.terminal_id()}: {key}" for key in told.keys() | held.keys() if told.get(key) != held.get(key)
            ]
        return found

    def broken_chains(self) -> list[str]:
        for session in self.sessions:
            session._record.ledger.verify()
        h: dict[str, str] = {}
        broken = []
        for row in sorted(self.store.site.rows(t.event), key=lambda row: (row["stream_id"], row["seq"])):
            h[row["stream_id"]] = chain(h.get(row["stream_id"], GENESIS), bytes(row["body"]))
            if h[row["stream_id"]] != row["h"]:
                broken.append(f"{row['stream_id']}/{row['seq']}")
        return broken

    def close(self) -> None:
        for session in self.store.sessions:
            session.close()
        self.store.stop()
        shutil.rmtree(self.folder)


class _Troubled:
    """Stands before a client for one delivery."""

    def __init__(self, client: Any, fate: str, late: list[tuple[Any, Any]]) -> None:
        self._client = client
        self._fate = fate
        self._late = late

    def push(self, *said: Any) -> Any:
        if self._fate == "late":
            self._late.append((self._client, said))
        if self._fate in ("late", "request lost"):
            return Unknown("lost")
        answer = self._client.push(*said)
        if self._fate == "twice":
            answer = self._client.push(*said)
        return Unknown("lost") if self._fate == "answer lost" else answer


def _writer(body: bytes) -> str:
    return str(json.loads(body)["terminal_id"])
