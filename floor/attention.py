"""What has the worker's attention: the prompt, a message, an error that must be acknowledged, or help.

Stands between what comes in (scans, keys, changes) and the conversation; knows nothing of painting. An error keeps
everything from the conversation until it is acknowledged: scans are dismissed and counted, changes wait.
"""

from __future__ import annotations

from floor.keymap import function_of_digit
from floor.ports import Dialogue, Turn
from floor.work.prompt import Changed, Input, Key, Notice, Pressed, Scan, Tone, Typed

_ACKNOWLEDGES = frozenset({Key.ENTER, Key.BACK})
_CLOSES_HELP = _ACKNOWLEDGES | {Key.HELP}
_HELP = "help"
"""The key of the notice with which a conversation asks for help to be shown (a command card was scanned)."""


class Attention:
    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue
        self._waiting: list[Input] = []
        self.message: Notice | None = None
        self.error: Notice | None = None
        self.missed = 0
        """Scans that came while the error stands."""
        self.has_help = False
        self.awaits_function = False
        """``0`` was typed: the next digit is a function."""
        self.is_over = False
        """The worker wants to end the program."""
        turn = dialogue.turn()
        self.prompt = turn.prompt
        self.opening_tone = self._say(turn)

    def take(self, given: Input) -> Tone | None:
        """Let one input have its effect; returns the tone to play."""
        match given:
            case Typed(character) if self._may_be_function(character):
                return self._function_digit(character)
            case Pressed(Key.HELP) if self.error is None and not self.has_help:
                self.has_help = True
                return None
        self.awaits_function = False
        if self.error is not None:
            return self._take_under_error(given)
        if self.has_help and not isinstance(given, Changed):
            self.has_help = False
            if isinstance(given, Pressed) and given.key in _CLOSES_HELP:
                return None
        if given == Pressed(Key.BACK) and self._may_leave():
            return self._leave()
        return self._give(given)

    def bad_read(self, notice: Notice) -> Tone:
        """Something came from a scanner that is no whole code; ``notice`` says which and why."""
        if self.error is not None:
            self.missed += 1
            return Tone.WARNING
        return self.tell(notice)

    def tell(self, notice: Notice) -> Tone:
        """Say something that does not come from the conversation."""
        if notice.tone is Tone.ERROR:
            self.error, self.missed = notice, 0
        else:
            self.message = notice
        return notice.tone

    def _give(self, given: Input) -> Tone | None:
        turn = self._dialogue.give(given)
        if not isinstance(given, Changed) or turn.notice is not None:
            self.message = None
        return self._say(turn)

    def _say(self, turn: Turn) -> Tone | None:
        self.prompt = turn.prompt
        if turn.notice is None:
            return None
        if turn.notice.key == _HELP:
            self.has_help = True
            return None
        return self.tell(turn.notice)

    def _take_under_error(self, given: Input) -> Tone | None:
        match given:
            case Scan():
                self._dialogue.dismissed(given)
                self.missed += 1
                return Tone.WARNING
            case Pressed(key) if key in _ACKNOWLEDGES:
                return self._acknowledge()
            case Pressed() | Typed():
                return None
            case _:
                self._waiting.append(given)
                return None

    def _acknowledge(self) -> Tone | None:
        missed, self.error, self.missed = self.missed, None, 0
        if missed:
            self.message = Notice("not_applied", {"count": str(missed)}, Tone.WARNING)
        if Changed() not in self._waiting:
            self._waiting.append(Changed())  # there may be more to tell, one thing after another
        tone = None
        while self._waiting and self.error is None:
            tone = self._give(self._waiting.pop(0)) or tone
        return tone

    def _may_leave(self) -> bool:
        """Nobody is signed in: at the badge, or before the first contact with the store."""
        at_the_door = self.prompt.step in ("sign_in", "waiting_store") and Key.BACK not in self.prompt.keys
        return at_the_door and not self.prompt.entry

    def _leave(self) -> Tone | None:
        if self.message is not None and self.message.key == "quit_again":
            self.is_over = True
            return None
        return self.tell(Notice("quit_again", tone=Tone.WARNING))

    def _may_be_function(self, character: str) -> bool:
        covered = self.error is not None or self.has_help
        return (covered or self.prompt.entry is None) and (self.awaits_function or character == "0")

    def _function_digit(self, character: str) -> Tone | None:
        if not self.awaits_function:
            self.awaits_function = True
            return None
        self.awaits_function = False
        key = function_of_digit(character)
        return None if key is None else self.take(Pressed(key))
