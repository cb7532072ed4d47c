"""A terminal that works alone and writes down each step of its files and each tone. Usage: FOLDER OUTPUT SCANS SEED.

It works with pushes that a store of its own imagination has judged, too, so that verdicts and the purge are among the
steps. The output is JSON: the moments, and the confirmed event ids in order.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

from sync.record.ids import SiteId, TerminalId
from sync.terminal.session import TerminalSession, open_session
from sync.wire.messages import Judged
from tests.faults.file_layer import FileLayer, Step
from tests.faults.power import Moment
from tests.sync.warehouse import WORKER, picked


def judge_all(session: TerminalSession) -> None:
    """As an answer of the store that everything was accepted."""
    record = session._record
    with record.changed:
        batch = record.ledger.batch()
        if batch is None:
            return
        judged = [
            Judged(seq=seq, event_id=_event_at(session, seq), verdict="accepted")
            for seq in range(batch.from_seq, batch.from_seq + len(batch.bodies))
        ]
        record.verdicts.settle(judged, hwm=judged[-1].seq, boot_id="boot", since_boot_ms=1)


def _event_at(session: TerminalSession, seq: int) -> str:
    ((event_id,),) = session._record.ledger.file.rows("SELECT event_id FROM entry WHERE seq = ?", seq)
    return str(event_id)


def main(folder: Path, output: Path, scans: int, seed: int) -> None:
    moments: list[Moment] = []
    promised: list[str] = []

    def before(step: Step) -> int:
        if step.file.startswith("ledger"):
            moments.append(Moment(step, len(promised)))
        return 0

    FileLayer(before)
    chance = random.Random(seed)
    session = open_session(folder, site_id=SiteId("main"), terminal_id=TerminalId("HH-1"), store_url=None)
    for _ in range(scans):
        taken_in = session.take_in("4006381333931", "]E0")
        facts = [picked() for _ in range(chance.choice([1, 1, 2, 5]))]
        promised += session.record(facts, worker_id=WORKER, answers=taken_in)
        if chance.random() < 0.2:
            judge_all(session)
    session.close()
    steps = [(m.promised, m.step.what, m.step.file, m.step.at, m.step.data.hex()) for m in moments]
    output.write_text(json.dumps({"moments": steps, "promised": promised}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
