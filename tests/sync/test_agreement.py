"""Terminals, copies of terminals and a store that is restored, in any order, with any fault on the way between them.

The real terminal against the tiny store over real sockets. After every step nothing is counted twice; when it is quiet
everything has arrived, has a verdict and is shown as the store has it.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import msgspec
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sync.record.facts import Fact, Picked, Undone
from sync.record.ids import EventId, TerminalId
from sync.record.rows import ListStatus, PickLineRow, Row
from sync.terminal.session import TerminalSession, open_session
from sync.terminal.sync_loop import Pace
from sync.wire.messages import Push
from tests.sync.real_store import is_quiet, settle
from tests.sync.tiny_store import Kept, TinyStore
from tests.sync.warehouse import SITE, WORKER, item, location, pick_line, pick_list, picked, poison, site, undone

LINES = {1: (1, 2), 2: (3,)}
"""The lines of each list; list 1 is held by the first terminal, list 2 by the second."""
ASKED = 3
UP_FAULTS = ["lost_request", "lost_answer", "half_answer", "twice", "html", "status_503", "wrong_nonce", "wrong_head"]
DOWN_FAULTS = ["lost_request", "lost_answer", "half_answer", "html", "status_500"]
NO_WAIT = Pace(first_s=0.0, longest_s=0.0, poll_s=0)


class Terminal:
    """A device: a folder, and the program that runs on it."""

    def __init__(self, folder: Path, name: str, list_id: int, url: str) -> None:
        self.folder = folder
        self.name = name
        self.list_id = list_id
        self.url = url
        self.session: TerminalSession
        self.open()

    def open(self) -> None:
        self.session = open_session(
            self.folder, site_id=SITE, terminal_id=TerminalId(self.name), store_url=self.url, pace=NO_WAIT
        )

    def up(self) -> None:
        assert self.session.uploader is not None
        self.session.uploader.round()

    def down(self) -> None:
        assert self.session.downloader is not None
        self.session.downloader.round()


class Agreement(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        rows: list[Row] = [site(), *(item(n) for n in (1, 2, 3)), *(location(n) for n in (1, 2, 3))]
        lists = [pick_list(n, lines=len(LINES[n]), terminal_id=f"HH-{n}", token=1) for n in LINES]
        lines = [pick_line(line_id, list_id, asked=ASKED) for list_id, ids in LINES.items() for line_id in ids]
        self.store = TinyStore([*rows, *lists, *lines])
        self.terminals = [Terminal(self.folder / str(n), f"HH-{n}", n, self.store.url) for n in LINES]
        self.confirmed: dict[EventId, Fact] = {}
        self.backups: list[Kept] = []
        self.restores = self.copies = 0
        self.old_pushes: list[tuple[str, bytes]] = []
        for terminal in self.terminals:
            terminal.down()

    def at(self, index: int) -> Terminal:
        return self.terminals[index % len(self.terminals)]

    def confirm(self, terminal: Terminal, fact: Fact) -> None:
        (event_id,) = terminal.session.record([fact], worker_id=WORKER)
        self.confirmed[event_id] = fact

    @rule(index=st.integers(0, 5), line=st.integers(0, 1))
    def scan(self, index: int, line: int) -> None:
        terminal = self.at(index)
        lines = LINES[terminal.list_id]
        self.confirm(terminal, picked(lines[line % len(lines)]))

    @rule(index=st.integers(0, 5))
    def take_back(self, index: int) -> None:
        terminal = self.at(index)
        walk = terminal.session.held_walk()
        last = None if walk is None else terminal.session.last_undoable(walk.head.list_id)
        # What two copies of one device both remember is taken back by one of them only: people do not do more.
        taken_back = {fact.undoes for fact in self.confirmed.values() if isinstance(fact, Undone)}
        if last is not None and last[0] not in taken_back:
            self.confirm(terminal, undone(last[0]))

    @rule(index=st.integers(0, 5))
    def report_what_the_store_cannot_digest(self, index: int) -> None:
        self.confirm(self.at(index), poison())

    @rule(index=st.integers(0, 5), fault=st.sampled_from([None, None, None, *UP_FAULTS]))
    def deliver(self, index: int, fault: str | None) -> None:
        before = len(self.store.pushes)
        self.store.faults["POST"].extend([fault] if fault else [])
        terminal = self.at(index)
        stream_id = terminal.session._record.ledger.stream_id()
        terminal.up()
        self.store.faults["POST"].clear()
        self.old_pushes += [(stream_id, body) for body in self.store.pushes[before:]]

    @rule(
        index=st.integers(0, 5), fault=st.sampled_from([None, None, None, *DOWN_FAULTS]), rows=st.sampled_from([1, 500])
    )
    def follow(self, index: int, fault: str | None, rows: int) -> None:
        self.store.page_rows = rows
        self.store.faults["GET"].extend([fault] if fault else [])
        self.at(index).down()
        self.store.faults["GET"].clear()

    @rule(number=st.integers(0, 99))
    @precondition(lambda self: self.old_pushes)
    def an_old_request_arrives_late(self, number: int) -> None:
        stream_id, body = self.old_pushes[number % len(self.old_pushes)]
        self.store.push(stream_id, msgspec.json.decode(body, type=Push))

    @rule(index=st.integers(0, 5))
    def restart(self, index: int) -> None:
        terminal = self.at(index)
        terminal.session.close()
        terminal.open()

    @rule()
    def back_up(self) -> None:
        self.backups.append(self.store.backup())

    @rule(number=st.integers(0, 9))
    @precondition(lambda self: self.backups and self.restores < 2)
    def restore(self, number: int) -> None:
        self.store.restore(self.backups[number % len(self.backups)])
        self.restores += 1

    @rule(index=st.integers(0, 5))
    @precondition(lambda self: self.copies < 2)
    def copy_the_device(self, index: int) -> None:
        terminal = self.at(index)
        terminal.session.close()
        self.copies += 1
        folder = self.folder / f"copy-{self.copies}"
        shutil.copytree(terminal.folder, folder)
        terminal.open()
        self.terminals.append(Terminal(folder, terminal.name, terminal.list_id, self.store.url))

    @invariant()
    def nothing_is_counted_twice(self) -> None:
        entries = self.store.kept.entries
        expected = {line_id: 0 for ids in LINES.values() for line_id in ids}
        for entry in entries.values():
            match entry.fact:
                case Picked(line_id=line_id):
                    expected[line_id] += 1
                case Undone(undoes=event_id) if event_id in entries:
                    fact = entries[event_id].fact
                    assert isinstance(fact, Picked)
                    expected[fact.line_id] -= 1
                case _:
                    pass
        assert {line_id: self.store.line(line_id).picked for line_id in expected} == expected

    @invariant()
    def every_chain_is_whole(self) -> None:
        for terminal in self.terminals:
            terminal.session._record.ledger.verify()

    def teardown(self) -> None:
        try:
            self.store.page_rows = None
            settle(*(terminal.session for terminal in self.terminals))
            self.everything_has_arrived_and_is_shown()
        finally:
            for terminal in self.terminals:
                terminal.session.close()
            self.store.close()
            shutil.rmtree(self.folder)

    def everything_has_arrived_and_is_shown(self) -> None:
        assert all(is_quiet(terminal.session) for terminal in self.terminals), "the queue has stopped"
        missing = set(self.confirmed) - set(self.store.kept.verdicts)
        assert not missing, f"lost: {missing}"
        self.nothing_is_counted_twice()
        for terminal in self.terminals:
            unjudged = terminal.session._record.ledger.file.rows(
                "SELECT seq FROM entry LEFT JOIN verdict USING (event_id) WHERE verdict IS NULL"
            )
            assert unjudged == []
            walk = terminal.session.held_walk()
            assert walk is not None
            assert walk.head.status is ListStatus.HELD
            assert [line.picked for line in walk.lines] == [
                self.store.line(line_id).picked for line_id in LINES[terminal.list_id]
            ]
            for kind, key in self.store.kept.rows:
                replica_row = terminal.session._record.replica.get(kind, key)
                told = self.store.kept.rows[kind, key]
                foreign = isinstance(told, PickLineRow) and told.list_id != terminal.list_id
                assert replica_row == (None if foreign else told)


TestAgreement = Agreement.TestCase
TestAgreement.settings = settings(
    max_examples=30,
    stateful_step_count=50,
    phases=[Phase.explicit, Phase.generate],  # shrinking takes minutes over real files and sockets
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
