"""Whether a run kept the agreement: the history of tones and verdicts beside the store's tables, read by plain SQL.

It shares no code with what it checks: what is in a body, how a chain is reckoned and what a verdict means is written
here once more, from the agreement's text.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

Line = dict[str, Any]
Row = dict[str, Any]

DRAINED_WITHIN_S = 60.0
TOOK_EFFECT = ("accepted", "discrepancy")
_GENESIS = "0" * 64
_TABLES = {
    "events": "SELECT stream_id, seq, event_id, h, kind, body, verdict, reason, replayed FROM event "
    "WHERE site_id = :site ORDER BY stream_id, seq",
    "streams": "SELECT stream_id, terminal_id, hwm, head_h FROM stream WHERE site_id = :site",
    "lists": "SELECT l.list_id, l.status, l.terminal_id, l.token, o.order_ref FROM pick_list l "
    "JOIN orders o ON o.site_id = l.site_id AND o.order_id = l.order_id WHERE l.site_id = :site",
    "lines": "SELECT line_id, list_id, order_line_id, item_id, asked, picked, put, shorted, surplus, located, passes "
    "FROM pick_line WHERE site_id = :site",
    "order_lines": "SELECT order_line_id, ordered, cancelled, cut, picked FROM order_line WHERE site_id = :site",
    "stock": "SELECT location, item_id, lot, on_hand FROM stock WHERE site_id = :site",
    "contents": "SELECT tote, item_id, lot, quantity FROM tote_content WHERE site_id = :site",
    "moves": "SELECT item_id, lot, quantity, source, target FROM stock_move WHERE site_id = :site",
    "discrepancies": "SELECT discrepancy_id, kind FROM discrepancy WHERE site_id = :site",
}


@dataclass(frozen=True, slots=True)
class Violation:
    invariant: str
    text: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.text}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """``tables`` of the store by the names above, ``histories`` of the terminals, ``course`` of the whole run."""

    tables: dict[str, list[Row]]
    histories: dict[str, list[Line]]
    course: list[Line]

    def bodies(self) -> dict[str, Any]:
        """By event: what was written, for those that can be read."""
        found = {}
        for event in self.tables["events"]:
            body = _json(event["body"])
            if isinstance(body, dict) and body.get("event_id") == event["event_id"]:
                found[event["event_id"]] = body
        return found

    def first_verdicts(self) -> dict[str, str]:
        """By event: the verdict that it was judged with, the one time that it was."""
        judged: dict[str, str] = {}
        for event in self.tables["events"]:
            if event["verdict"] != "duplicate":
                judged.setdefault(event["event_id"], _said(event["verdict"], event["reason"]))
        return judged

    def took_effect(self) -> dict[str, str]:
        """Events that changed what is counted, and as what: at once, or when their quarantine was judged again."""
        found = {}
        for event in self.tables["events"]:
            kind = (event["replayed"] or event["verdict"]).split(":")[0]
            if kind in TOOK_EFFECT:
                found[event["event_id"]] = kind
        return found


def read_evidence(database_url: str, site: str, histories: Mapping[str, Path], course: Path) -> Evidence:
    engine = create_engine(database_url)
    tables: dict[str, list[Row]]
    options = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    try:
        with engine.connect().execution_options(**options) as conn:
            tables = {
                name: [dict(row) for row in conn.execute(text(sql), {"site": site}).mappings()]
                for name, sql in _TABLES.items()
            }
    finally:
        engine.dispose()
    for event in tables["events"]:
        # What the store cannot read it keeps under a name of its own; whoever wrote it had given it one.
        body = _json(event["body"]) if event["event_id"].startswith("?") else None
        if isinstance(body, dict):
            event["event_id"] = body.get("event_id", event["event_id"])
    told = {name: read_lines(path) for name, path in histories.items()}
    return Evidence(tables, told, read_lines(course))


def read_lines(path: Path) -> list[Line]:
    """The whole lines of a history, in order."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


def violations(evidence: Evidence) -> list[Violation]:
    """All that is wrong; an empty list is the proof that was asked for."""
    return [Violation(name, said) for name, check in CHECKS.items() for said in check(evidence)]


def _i1_no_confirmed_scan_is_lost(evidence: Evidence) -> Iterator[str]:
    known = {event["event_id"] for event in evidence.tables["events"]}
    for name, tone in _tones(evidence):
        if tone["event_id"] not in known:
            yield f"{name} confirmed {tone['kind']} {tone['event_id']}, and the store never got it"


def _i2_none_is_counted_twice(evidence: Evidence) -> Iterator[str]:
    times = Counter(event["event_id"] for event in evidence.tables["events"] if event["verdict"] != "duplicate")
    for event_id, count in times.items():
        if count > 1:
            yield f"event {event_id} was judged {count} times"
    expected = _pieces_by_line(evidence)
    for line in evidence.tables["lines"]:
        counted = line["picked"] + line["surplus"]
        if counted != expected[line["line_id"]]:
            yield f"line {line['line_id']} counts {counted} pieces, its facts say {expected[line['line_id']]}"


def _pieces_by_line(evidence: Evidence) -> Counter[int]:
    bodies, took_effect = evidence.bodies(), evidence.took_effect()
    pieces: Counter[int] = Counter()
    for event_id in took_effect.keys() & bodies.keys():
        body = bodies[event_id]
        if body["kind"] == "picked@1":
            pieces[body["data"]["line_id"]] += body["data"]["quantity"]
        if body["kind"] == "undone@1" and took_effect[event_id] == "accepted":
            undone = bodies.get(body["data"]["undoes"])
            if undone is not None and undone["kind"] == "picked@1":
                pieces[undone["data"]["line_id"]] -= undone["data"]["quantity"]
    return pieces


def _i3_never_more_is_counted_than_was_ordered(evidence: Evidence) -> Iterator[str]:
    for line in evidence.tables["order_lines"]:
        if line["picked"] > line["ordered"]:
            yield f"order line {line['order_line_id']}: {line['picked']} counted, {line['ordered']} ordered"
    for line in evidence.tables["lines"]:
        if line["picked"] > line["asked"]:
            yield f"pick line {line['line_id']}: {line['picked']} counted, {line['asked']} asked"


def _i4_an_event_has_one_stable_verdict(evidence: Evidence) -> Iterator[str]:
    stored = evidence.first_verdicts()
    # What the old store said may be written down late, but not after the new one answers.
    set_back = list(zip(_times(evidence, "restored"), _times(evidence, "opened again"), strict=True))
    for event in evidence.tables["events"]:
        if not event["verdict"]:
            yield f"event {event['event_id']} has no verdict"
    for name, history in evidence.histories.items():
        told: dict[str, tuple[str, float]] = {}
        for line in history:
            said = {line["event_id"]: line["verdict"]} if line["what"] == "verdict" else line.get("verdicts", {})
            for event_id, verdict in said.items():
                before, at = told.setdefault(event_id, (verdict, line["at"]))
                if before == verdict:
                    continue
                # A store that went back in time has forgotten its verdict, and judges once more.
                if not any(at <= opened and gone <= line["at"] for gone, opened in set_back):
                    yield f"{name} was told {before} and then {verdict} of event {event_id}"
                told[event_id] = (verdict, line["at"])
        for event_id, (verdict, _) in told.items():
            if stored.get(event_id) != verdict:
                yield f"{name} was told {verdict} of event {event_id}, the store keeps {stored.get(event_id)}"


def _i5_what_is_shown_is_what_the_store_has(evidence: Evidence) -> Iterator[str]:
    heads = {row["list_id"]: row for row in evidence.tables["lists"]}
    of_list: dict[int, list[Row]] = defaultdict(list)
    for line in evidence.tables["lines"]:
        of_list[line["list_id"]].append(line)
    for name, screen in _last_screens(evidence):
        terminal = _terminal_of(evidence.histories[name])
        shown_heads = {head["list_id"]: head for head in screen["lists"]}
        for list_id in shown_heads.keys() - heads.keys():
            yield f"{name} shows list {list_id}, which the store does not have"
        for list_id, head in heads.items():
            shown = shown_heads.get(list_id)
            if shown is None and head["status"] in ("open", "held"):
                yield f"{name} does not know list {list_id}, which is {head['status']}"
            for column in ("status", "terminal_id", "token") if shown is not None else ():
                if shown is not None and shown[column] != head[column]:
                    yield f"{name} shows {column} {shown[column]} of list {list_id}, the store has {head[column]}"
        mine = [row for row in heads.values() if row["terminal_id"] == terminal and row["status"] == "held"]
        shown_lines = {line["line_id"]: line for line in screen["lines"]}
        walked = {line["line_id"]: line for line in screen["walk"] or ()}
        for line in (line for head in mine for line in of_list[head["list_id"]]):
            yield from _shown_wrong(name, line, shown_lines.get(line["line_id"]), "rows")
            if line["line_id"] in walked:
                yield from _shown_wrong(name, line, walked[line["line_id"]], "walk")


def _shown_wrong(name: str, line: Row, shown: Line | None, where: str) -> Iterator[str]:
    if shown is None:
        yield f"{name} does not know line {line['line_id']} of a list that it holds"
        return
    for column in ("asked", "picked", "put", "shorted", "passes"):
        if shown[column] != line[column]:
            yield (
                f"{name} shows {column} {shown[column]} of line {line['line_id']} in its {where}, "
                f"the store has {line[column]}"
            )


def _i6_drained_soon_after_healing(evidence: Evidence) -> Iterator[str]:
    healed: float | None = None
    for line in evidence.course:
        if line["what"] == "healed":
            healed = line["at"]
        if line["what"] in ("drained", "not drained") and healed is not None:
            took_s = line["at"] - healed
            if took_s > DRAINED_WITHIN_S or line["what"] == "not drained":
                yield f"{took_s:.1f} s after the healing: {line['what']} {line.get('why', '')}"
            healed = None
    for name, screen in _last_screens(evidence):
        if screen["undelivered"]:
            yield f"{name} still owes {screen['undelivered']} facts"


def _i7_no_more_certainty_is_shown_than_there_is(evidence: Evidence) -> Iterator[str]:
    for name, history in evidence.histories.items():
        unjudged: set[str] = set()
        for line in history:
            if line["what"] == "tone":
                unjudged.add(line["event_id"])
            if line["what"] == "verdict":
                unjudged.discard(line["event_id"])
            if line["what"] == "shown" and line["undelivered"] < len(unjudged):
                yield f"{name} showed {line['undelivered']} undelivered when {len(unjudged)} facts had no verdict"
    judged = {event["event_id"] for event in evidence.tables["events"]}
    for name, history in evidence.histories.items():
        for line in history:
            if line["what"] == "verdict" and line["event_id"] not in judged:
                yield f"{name} was told {line['verdict']} of event {line['event_id']}, which the store does not have"


def _i8_nothing_stands_under_another_name(evidence: Evidence) -> Iterator[str]:
    bodies = evidence.bodies()
    for name, tone in _tones(evidence):
        body = bodies.get(tone["event_id"])
        terminal = _terminal_of(evidence.histories[name])
        if body is None:
            continue
        if (body["terminal_id"], body["worker_id"]) != (terminal, tone["worker"]):
            stands_as = f"{body['terminal_id']} and {body['worker_id']}"
            yield f"event {tone['event_id']} of {terminal} and {tone['worker']} stands as of {stands_as}"
        if body["kind"] != tone["kind"] or body["data"] != tone["fact"]:
            yield f"event {tone['event_id']} was confirmed as {tone['fact']} and stands as {body['data']}"


def _i9_the_sums_by_item_balance(evidence: Evidence) -> Iterator[str]:
    journal: Counter[tuple[str, str]] = Counter()
    for move in evidence.tables["moves"]:
        journal[move["target"], move["item_id"]] += move["quantity"]
        journal[move["source"], move["item_id"]] -= move["quantity"]
    tables: Counter[tuple[str, str]] = Counter()
    for row in evidence.tables["stock"]:
        tables[f"location:{row['location']}", row["item_id"]] += row["on_hand"]
    for row in evidence.tables["contents"]:
        tables[f"tote:{row['tote']}", row["item_id"]] += row["quantity"]
    for place, item in journal.keys() | tables.keys():
        if place.startswith(("location:", "tote:")) and journal[place, item] != tables[place, item]:
            yield f"{item} at {place}: the journal has {journal[place, item]}, the tables have {tables[place, item]}"
    in_hands = sum(pieces for (place, _), pieces in journal.items() if place == "surplus")
    surplus = sum(line["surplus"] for line in evidence.tables["lines"])
    if in_hands != surplus:
        yield f"{in_hands} pieces are to be put back by the journal, {surplus} by the lines"


def _i10_every_chain_is_whole(evidence: Evidence) -> Iterator[str]:
    heads: dict[str, tuple[int, str]] = {}
    for event in evidence.tables["events"]:
        seq, h = heads.get(event["stream_id"], (0, _GENESIS))
        if event["seq"] != seq + 1:
            yield f"stream {event['stream_id']} has {event['seq']} behind {seq}"
        h = hashlib.sha256(bytes.fromhex(h) + bytes(event["body"])).hexdigest()
        if event["h"] != h:
            yield f"stream {event['stream_id']} at {event['seq']}: the hash is not that of what it holds"
        heads[event["stream_id"]] = (event["seq"], event["h"])
    for stream in evidence.tables["streams"]:
        if heads.get(stream["stream_id"], (0, _GENESIS)) != (stream["hwm"], stream["head_h"]):
            yield f"stream {stream['stream_id']} says that it ends at {stream['hwm']}, and it does not"


CHECKS: dict[str, Callable[[Evidence], Iterator[str]]] = {
    "I1": _i1_no_confirmed_scan_is_lost,
    "I2": _i2_none_is_counted_twice,
    "I3": _i3_never_more_is_counted_than_was_ordered,
    "I4": _i4_an_event_has_one_stable_verdict,
    "I5": _i5_what_is_shown_is_what_the_store_has,
    "I6": _i6_drained_soon_after_healing,
    "I7": _i7_no_more_certainty_is_shown_than_there_is,
    "I8": _i8_nothing_stands_under_another_name,
    "I9": _i9_the_sums_by_item_balance,
    "I10": _i10_every_chain_is_whole,
}


def _times(evidence: Evidence, what: str) -> list[float]:
    return [line["at"] for line in evidence.course if line["what"] == what]


def _tones(evidence: Evidence) -> Iterator[tuple[str, Line]]:
    for name, history in evidence.histories.items():
        yield from ((name, line) for line in history if line["what"] == "tone")


def _last_screens(evidence: Evidence) -> Iterator[tuple[str, Line]]:
    for name, history in evidence.histories.items():
        screens = [line for line in history if line["what"] == "screen"]
        if screens:
            yield name, screens[-1]


def _terminal_of(history: list[Line]) -> str:
    return next((str(line["terminal"]) for line in history if line["what"] == "started"), "")


def _said(verdict: str, reason: str | None) -> str:
    return verdict if reason is None else f"{verdict}:{reason}"


def _json(body: bytes) -> Any:
    try:
        return json.loads(bytes(body))
    except (ValueError, RecursionError):
        return None
