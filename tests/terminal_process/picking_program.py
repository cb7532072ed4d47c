"""A terminal without a screen that picks by itself, to be killed by a test. Usage: FOLDER STORE_URL [ANSWERS].

The real conversation over the real session. Whatever it confirms is said on standard output, one JSON line each, after
it has been recorded. It ends when the store has judged everything of a list that was handed over. With ANSWERS it kills
itself when that many are recorded, before it says the last of them.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path

from floor.conversation import Conversation
from floor.ports import Turn
from floor.work.expected import Surroundings, expected_scan
from floor.work.prompt import Changed, Scan, Typed
from floor.work.reply import PrintLabel
from sync.record.ids import LocationCode, SiteId, TerminalId, ToteCode
from sync.record.picking import Walk
from sync.terminal.enrolment import enrol
from sync.terminal.identity import load_identity
from sync.terminal.session import TerminalSession, open_session

SITE = SiteId("DEMO")
TERMINAL = TerminalId("HH-01")
BADGE = "B-1001"
TOTE = ToteCode("T-000001")
PLACE = LocationCode("PACK01")
PATIENCE_S = 60.0


def answers_given(walk: Walk) -> int:
    """How many scans of this list were answered: each of them moves exactly one of these numbers by one."""
    return len(walk.head.totes) + sum(line.picked + line.located + (line.put > 0) for line in walk.lines)


def say(session: TerminalSession, turn: Turn) -> None:
    walk = session.held_walk()
    last = None if walk is None else session.last_undoable(walk.head.list_id)
    said = {
        "step": turn.prompt.step,
        "values": turn.prompt.values,
        "count": turn.prompt.count,
        "answers": None if walk is None else answers_given(walk),
        "last_event": None if last is None else last[0],
        "notice": None if turn.notice is None else turn.notice.key,
    }
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def no_label(job: PrintLabel, dpi: int) -> bytes:
    raise AssertionError(f"a picker prints no label, not even of {job.sscc}")


def run(folder: Path, store_url: str, answers_to_live: int) -> None:
    if load_identity(folder) is None:
        enrol(folder, store_url, SITE, TERMINAL)
    session = open_session(folder, site_id=SITE, terminal_id=TERMINAL, store_url=store_url)
    news = threading.Event()
    session.on_change(news.set)
    conversation = Conversation(session, None, no_label)
    session.start()
    session.wait_for(lambda: session.tote(TOTE) is not None and session.location(PLACE) is not None, PATIENCE_S)
    around = Surroundings(badge=BADGE, empty_tote=TOTE, tote_to_pack=None, place=PLACE)
    turn, at_ms, scans = conversation.turn(), 0, 0
    while turn.prompt.step != "handed_over":
        if scans == answers_to_live:
            os.kill(os.getpid(), signal.SIGKILL)
        say(session, turn)
        expected = expected_scan(conversation.desk, session, around)
        if turn.prompt.step == "menu":
            turn = conversation.give(Typed("1"))
        elif expected is None:
            if not news.wait(PATIENCE_S):
                raise TimeoutError(f"nothing happened at {turn.prompt.step}: {session.link()}")
            news.clear()
            turn = conversation.give(Changed())
        else:
            at_ms, scans = at_ms + 1000, scans + 1
            turn = conversation.give(Scan(expected, None, conversation.take_in(expected, None), at_ms))
    if not session.drain(PATIENCE_S):
        raise TimeoutError(f"not everything could be delivered: {session.link()}")
    say(session, turn)
    session.close()


if __name__ == "__main__":
    run(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else -1)
