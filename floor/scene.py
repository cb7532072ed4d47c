"""From what has the worker's attention to what is painted: chooses the page and puts the words into it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from floor.attention import Attention
from floor.keymap import Keymap
from floor.ports import DeviceTrouble, Dialogue, Link
from floor.widgets.page import Role
from floor.widgets.page_view import Face
from floor.widgets.said_page import ErrorFace, HelpFace
from floor.widgets.work_page import Status, WorkFace
from floor.wording import Catalogue, Text, catalogue
from floor.work.prompt import Key, Notice, Tone

_ROLES = {Tone.QUIET: Role.QUIET, Tone.DONE: Role.DONE, Tone.BOUNCE: Role.BOUNCE, Tone.WARNING: Role.WARNING}


@dataclass(frozen=True, slots=True)
class Scene:
    """Paints for one terminal. ``now`` is the wall clock; ``is_demo`` shows the demo's keys."""

    dialogue: Dialogue
    keymap: Keymap
    terminal: str
    now: Callable[[], datetime]
    is_demo: bool
    troubles: Callable[[], Sequence[DeviceTrouble]] = tuple
    """Of devices, as they are known now."""

    def face(self, attention: Attention) -> Face:
        """What the screen shows now. Raises `MissingWords`."""
        words = catalogue(self.dialogue.language())
        go_on = words.label("go_on", key=self.keymap.shown(Key.ENTER))
        if attention.error is not None:
            return _error_face(attention.error, attention.missed, words, go_on)
        if attention.has_help:
            return HelpFace(words.label("help"), self._help(attention, words), go_on)
        return self._work_face(attention, words)

    def _work_face(self, attention: Attention, words: Catalogue) -> WorkFace:
        prompt = attention.prompt
        return WorkFace(
            words=words.words(prompt),
            entry=prompt.entry,
            is_secret=prompt.secret,
            is_busy=prompt.busy,
            message=_message(attention, words),
            keys=tuple((key, self.keymap.shown(key), words.key(key)) for key in prompt.keys),
            demo=self._demo(words) if self.is_demo else None,
            status=self._status(words),
        )

    def _help(self, attention: Attention, words: Catalogue) -> Text:
        """Of the step; first of all why the store refuses this terminal, what is wrong with a device, what to do."""
        link, text, troubles = self.dialogue.link(), words.help(attention.prompt.step), self.troubles()
        said = [one.said for one in troubles]
        if link.online and link.problem is not None:
            said.insert(0, link.problem)
        if not said:
            return text
        short = [words.label("devices_help", devices=form)[0] for form in self._devices(words)] if troubles else []
        return (" ".join((*said, text[0])), " ".join(said), *said, *short, *text)

    def _demo(self, words: Catalogue) -> Text:
        expected = self.dialogue.expected_scan()
        return words.label("demo_wrong") if expected is None else words.label("demo", expected=expected)

    def _status(self, words: Catalogue) -> Status:
        link, depth = self.dialogue.link(), self.dialogue.inbox_depth()
        return Status(
            link=self._link(link, words),
            inbox=words.label("inbox", depth=str(depth))[0] if depth else "",
            terminal=self.terminal,
            time=self.now().strftime("%H:%M"),
            devices=self._devices(words),
        )

    def _devices(self, words: Catalogue) -> Text:
        """Those with a fault by mark and name, by mark alone, and that there are any."""
        marks = {one: words.label(f"device_{one.kind}")[0] for one in self.troubles()}
        if not marks:
            return ("",)
        named = " ".join(f"{mark} {one.name}".rstrip() for one, mark in marks.items())
        return (named, " ".join(dict.fromkeys(marks.values())), *words.label("device_any"))

    def _link(self, link: Link, words: Catalogue) -> Text:
        """The state of the line; where there is room, since when something waits for it."""
        if link.online:
            name = "online" if link.problem is None else "refused"
            return words.label(name, undelivered=str(link.undelivered))
        short = words.label("offline", undelivered=str(link.undelivered))
        if link.oldest_undelivered_at is None:
            return short
        now = self.now()
        since = link.oldest_undelivered_at.astimezone(now.tzinfo)
        said = since.strftime("%H:%M" if since.date() == now.date() else "%m-%d")
        return (*words.label("offline_since", undelivered=str(link.undelivered), since=said), *short)


def _message(attention: Attention, words: Catalogue) -> tuple[Role, Text] | None:
    if attention.awaits_function:
        return Role.QUIET, words.label("functions")
    if attention.message is None:
        return None
    return _ROLES[attention.message.tone], words.notice(attention.message).what


def _error_face(error: Notice, missed: int, words: Catalogue, go_on: Text) -> ErrorFace:
    missed_text = words.label("missed_one" if missed == 1 else "missed", count=str(missed)) if missed else None
    return ErrorFace(words.notice(error), words.label("scanned"), words.label("expected"), missed_text, go_on)
