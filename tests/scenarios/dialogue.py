"""Reads and plays dialogues: text files in which every line is one act of a worker and what the terminal then asks.

    scan item SOAP      -> pick count=1/3 item=SOAP ! line_done

Before the arrow stands the act; behind it the step and values of its prompt (``count``, ``entry`` and ``choices`` too);
behind an exclamation mark the notice with its values, or ``-`` where nothing is said. ``*`` is any step; without an
arrow anything may come. Lines that begin with ``#`` say what is going on.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from drivers.emulators.printer import EmulatedPrinter
from floor.ports import Turn
from floor.wording import NO_VALUE, languages, notice_words, words
from floor.work import desk as conversation
from floor.work.prompt import Prompt
from floor.work.reply import Activity
from sync.record.codes.own import barcode_of, location_barcode
from sync.record.rows import ListKind
from tests.scenarios.scales import Scales
from tests.scenarios.shop import Shop, gtin
from tests.scenarios.terminal import Terminal
from tests.scenarios.walls import Walls
from tests.scenarios.zones import Zones

TWICE_AT_ONCE_MS = 100
_AT_CART = ("batch_bind", "batch_go_to", "batch_pick", "batch_put", "batch_hand_over")
_AT_WALL = ("sort_item", "sort_done")
_OF_ZONES = ("fetch_tote", "pass_on", "consolidate_first", "consolidate")
_AT_WORK = frozenset({"bind_tote", "go_to", "pick", "put", "hand_over", "scan_label", *_AT_CART, *_OF_ZONES, *_AT_WALL})
"""Steps to which a restart always leads back."""


@dataclass(frozen=True, slots=True)
class Expected:
    step: str
    values: dict[str, str]
    notice: str | None
    """None: not looked at; ``-``: there is none."""
    notice_values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    text: str
    act: tuple[str, ...]
    expected: Expected | None


def read_dialogue(path: Path) -> list[Line]:
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    return [_line(number, text) for number, text in lines if text.strip() and not text.startswith("#")]


def _line(number: int, text: str) -> Line:
    act, arrow, expected = text.partition("->")
    return Line(number, text, tuple(shlex.split(act)), _expected(expected) if arrow else None)


def _expected(text: str) -> Expected:
    prompt, mark, notice = text.partition("!")
    step, *values = shlex.split(prompt)
    key, *notice_values = shlex.split(notice) or [""]
    return Expected(step, _values(values), key if mark else None, _values(notice_values))


def _values(words: list[str]) -> dict[str, str]:
    return {name: value for name, _, value in (word.partition("=") for word in words)}


class Player:
    """Plays lines at a terminal; after each, the terminal is also asked what it would say after a restart."""

    def __init__(self, shop: Shop, printer: EmulatedPrinter, terminal: Terminal) -> None:
        self._shop = shop
        self._printer = printer
        self._terminal = terminal
        self._zones = Zones(shop)
        self._walls = Walls(shop)
        self._scales = Scales(shop, terminal)

    def play(self, line: Line) -> None:
        before = len(self._terminal.said)
        turn = self._act(line.act)
        if line.expected is not None:
            since = self._terminal.said[before:] or [turn]
            _check(line, line.expected, turn, since)
        for said in self._terminal.said[before:]:
            _check_words(said)
        self._check_restart(line, turn)

    def _check_restart(self, line: Line, turn: Turn) -> None:
        desk, prompt = self._terminal.conversation.desk, turn.prompt
        interrupted = desk.asking is not None or desk.entry or desk.set_aside is not None
        if interrupted or desk.activity is Activity.MENU or prompt.busy:
            return
        resumed = conversation.resume(self._terminal.session)
        if prompt.step in _AT_WORK or self._terminal.session.packing_in_hand() is not None:
            assert resumed.activity == desk.activity, f"{line.number}: {line.text}"
        again = self._terminal.prompt_after_a_restart()
        if prompt.step in _AT_WORK:
            assert again == prompt, f"{line.number}: {line.text}\nafter a restart: {again}"
        elif prompt.step == "pack_piece" and self._terminal.session.packing_in_hand() is not None:
            assert (again.step, again.values["left"]) == (prompt.step, prompt.values["left"]), line.text

    def _act(self, act: tuple[str, ...]) -> Turn:
        match act:
            case ("orders", *wanted):
                self._shop.orders(dict(_order(word) for word in wanted))
            case ("batch", *wanted):
                self._shop.batch(dict(_order(word) for word in wanted))
            case ("order", ref, "is", status):
                self._shop.order_becomes(ref, status)
            case ("picked", ref, "into", *totes):
                self._shop.picked(ref, *totes)
            case ("rules", *rules):
                self._shop.rules(**{name: _rule(value) for name, value in _values(rules).items()})
            case (minutes, "minutes", "pass"):
                self._shop.now += timedelta(minutes=int(minutes))
                self._terminal.minutes_pass(int(minutes))
            case ("empty", location):
                self._shop.reported_empty(location)
            case ("blocked", location):
                self._shop.location_is_blocked(location)
            case ("store", "shuts"):
                self._shop.shut()
            case ("store", "opens"):
                self._shop.open()
            case _:
                return self._by_the_lead(act)
        return self._terminal.turn

    def _by_the_lead(self, act: tuple[str, ...]) -> Turn:
        match act:
            case ("cancel", ref):
                self._shop.cancel(ref)
            case ("cancel", ref, "line", number):
                self._shop.cancel(ref, int(number))
            case ("hold", ref):
                self._shop.hold(ref)
            case ("count", "asked", location, *item):
                self._shop.count_asked(location, *item)
            case ("count", location, "first", "found", *finds):
                self._shop.counted_first(location, dict(_find(word) for word in finds))
            case ("reason", digit, code, "about", about, *then):
                self._shop.own_reason(digit, code, about, then)
            case ("wall", *words):
                wanted = [_order(word) for word in words if ":" in word]
                self._walls.do([word for word in words if ":" not in word], wanted)
            case ("moved", ref, "to", to):
                self._shop.moved(ref, to, hard=False)
            case ("moved", ref, "hard", "to", to):
                self._shop.moved(ref, to, hard=True)
            case ("begun", ref, "in", *totes):
                self._shop.begun(ref, *totes)
            case ("by", "weight", item_id):
                self._shop.sold_by_weight(item_id)
            case _:
                return self._in_zones(act)
        return self._terminal.turn

    def _in_zones(self, act: tuple[str, ...]) -> Turn:
        match act:
            case ("zones",):
                self._zones.make()
            case ("zones", count):
                self._zones.make(int(count))
            case ("passed" | "parallel" as way, *wanted):
                kind = ListKind.ZONE_PASS if way == "passed" else ListKind.ZONE_PARALLEL
                self._zones.order(kind, dict(_order(word) for word in wanted))
            case ("zone", zone_id, "picks", ref, "into", tote, "to", place):
                self._zones.picks(zone_id, ref, tote, place)
            case ("zone", zone_id, "begins", ref, "in", tote):
                self._zones.begins(zone_id, ref, tote)
            case ("soap", "in", "zone", "C"):
                self._zones.soap_in_c()
            case ("list", "of", "zone", zone_id, "of", ref, "is", "moved", "to", to):
                self._zones.move(zone_id, ref, to)
            case ("lead", "puts", worker_id, "into", zone_id):
                self._zones.assign(worker_id, None if zone_id == "all" else zone_id)
            case _:
                return self._record_says(act)
        return self._terminal.turn

    def _record_says(self, act: tuple[str, ...]) -> Turn:
        match act:
            case ("printer", "is", "seen", "not", "ready"):
                self._terminal.until_printer_is_seen_not_ready()
            case ("scale" | "carton" | "label", *_):
                self._scales.do(act)
            case ("carrier", "label", ref, number, *barcode):
                self._shop.carrier_label(ref, int(number), "".join(barcode) or None)
            case ("printed", count):
                assert self._printer.odometer == int(count)
            case ("printer", *words):
                getattr(self._printer, "_".join(words))()
            case ("discrepancies", *kinds):
                assert self._shop.discrepancies() == kinds
            case ("tote", tote, "weighs", grams):
                assert self._shop.weight_g(tote) == int(grams)
            case (item_id, "at", location, "is", pieces):
                assert self._shop.on_hand(location, item_id) == int(pieces)
            case (ref, "is", "held", "by", holder):
                assert self._shop.holder(ref) == (None if holder == "nobody" else holder)
            case _:
                return self._at_terminal(act)
        return self._terminal.turn

    def _at_terminal(self, act: tuple[str, ...]) -> Turn:
        terminal = self._terminal
        match act:
            case ("scan", *what):
                return terminal.scan(*self._code(what))
            case ("again", *what):
                return terminal.scan(*self._code(what), after_ms=TWICE_AT_ONCE_MS)
            case ("take", "in", *what):
                terminal.conversation.take_in(*self._code(what))
                return terminal.turn
            case ("type", text):
                return terminal.type(text)
            case ("press", key):
                return terminal.press(key)
            case ("restart",):
                return terminal.restart()
            case _:
                return self._until(act)

    def _until(self, act: tuple[str, ...]) -> Turn:
        terminal = self._terminal
        match act:
            case ("wait", "for", step):
                return terminal.wait_for(step)
            case ("wait", "to", "hear", key):
                return terminal.wait_for_notice(key)
            case ("hold", count, "lists"):
                return terminal.wait_until(lambda _: len(terminal.session.held_lists()) == int(count))
            case ("lose", "the", "link"):
                return terminal.wait_until(lambda _: not terminal.session.is_online())
            case ("catch", "up"):
                return terminal.catch_up(self._shop.position())
            case ("drain",):
                return terminal.drain()
            case _:
                raise ValueError(f"nobody knows how to {' '.join(act)}")

    def _code(self, what: list[str]) -> tuple[str, str | None]:
        match what:
            case ["badge" | "tote", code]:
                return barcode_of(code), None
            case ["cubby", code]:
                return barcode_of(f"W-{code}"), None
            case ["position", number]:
                return barcode_of(f"P-07-{number}"), None
            case ["command", name]:
                return barcode_of(f"C-{name}"), None
            case ["at", location]:
                return location_barcode(location), None
            case ["item", item_id]:
                return gtin(item_id), None
            case ["inner" | "case" as packaging, item_id]:
                return gtin(item_id, packaging), None
            case ["text", text]:
                return text, None
            case ["gs1", elements]:
                return _gs1(elements), "]d2"
            case ["label"]:
                return f"00{self._terminal.turn.prompt.values['sscc']}", "]C1"
            case _:
                raise ValueError(f"nothing to scan: {what}")


def _rule(value: str) -> bool | int | str:
    return int(value) if value.isdigit() else {"true": True, "false": False}.get(value, value)


def _order(word: str) -> tuple[str, list[tuple[str, int]]]:
    """``O-1:SOAP*3+CANDLE*1``"""
    ref, _, lines = word.partition(":")
    return ref, [(item_id, int(count)) for item_id, _, count in (line.partition("*") for line in lines.split("+"))]


def _find(word: str) -> tuple[str, int]:
    """``SOAP*3``"""
    item_id, _, count = word.partition("*")
    return item_id, int(count)


def _gs1(elements: str) -> str:
    """``(01)CREAM(10)L1`` as a scanner sends it; an item's name stands for its number."""
    text = ""
    for ai, value in re.findall(r"\((\d+)\)([^(]+)", elements):
        if ai == "01":
            text += "01" + (value if value.isdigit() else gtin(value)).zfill(14)
        else:
            text += ai + value + ("" if ai == "17" or ai.startswith(("310", "320")) else "\x1d")
    return text


def _check(line: Line, expected: Expected, turn: Turn, since: list[Turn]) -> None:
    where = f"line {line.number}: {line.text}\n{turn.prompt}\nheard: {[said.notice for said in since]}"
    assert expected.step in (turn.prompt.step, "*"), where
    shown = _shown(turn.prompt)
    for name, value in expected.values.items():
        assert shown.get(name) == value, f"{name} is {shown.get(name)!r}; {where}"
    notice = turn.notice
    match expected.notice:
        case None:
            pass
        case "-":
            assert notice is None, where
        case key:
            assert notice is not None, where
            assert notice.key == key, where
            for name, value in expected.notice_values.items():
                assert notice.values.get(name) == value, f"{name} is {notice.values.get(name)!r}; {where}"


def _check_words(turn: Turn) -> None:
    """What is said has its words in every language, and every value that they need."""
    for language in languages():
        painted = repr(words(turn.prompt, language))
        if turn.notice is not None:
            painted += repr(notice_words(turn.notice, language))
        assert NO_VALUE not in painted, painted


def _shown(prompt: Prompt) -> dict[str, str]:
    shown = dict(prompt.values)
    if prompt.count is not None:
        shown["count"] = f"{prompt.count[0]}/{prompt.count[1]}"
    if prompt.entry is not None:
        shown["entry"] = prompt.entry
    shown["choices"] = "".join(choice.digit for choice in prompt.choices)
    return shown
