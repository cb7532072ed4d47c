"""Keyboard-wedge scans caught out of the stream of key presses. Pure: key names and the times they were read go in.

The caller feeds every key and paste in the order in which they were read, with the time at which they were *read* (a
Textual event carries it), never the time of handling: then a busy screen does not turn a scan into typing. `due` must
be called from the same ordered queue as the keys, so that no key read earlier is still waiting behind it.

With a prefix, a scan is what stands between prefix and suffix, and every other key is handed on at once; but a suffix
right behind keys that no hand types so fast confirms nothing: a scanner has lost its prefix. Without one,
timing decides: three or more characters with less than `gap_s` between them are a scan, and what may still become one
is held back for at most `gap_s`. A scan that pauses for `silence_s` before its suffix is a bad read, never half a code.
"""

from dataclasses import dataclass, field

from drivers.readings import BadRead, BadReason, ScanFrame, TypedKey
from drivers.scanners.code_text import CONTENT_CONTROLS, MAX_CODE_CHARS, NO_READS, judge
from drivers.scanners.key_characters import character_of

Output = ScanFrame | BadRead | TypedKey

_SCAN_MIN_CHARS = 3
_UNMARKED_MIN_CHARS = 6
"""More than a number that is typed has; keys that a network held back may arrive as fast as a scan."""


@dataclass(frozen=True, slots=True)
class WedgeSettings:
    """How the scanner is set. `prefix` is one character such as RS ("\\x1e"), or None to go by timing.

    RS also stands inside ISO/IEC 15434 codes (two-dimensional parts labels); a site that scans those takes another.
    """

    prefix: str | None = None
    suffixes: frozenset[str] = frozenset("\r\n\t\x03")
    gap_s: float = 0.035
    silence_s: float = 0.300
    distrust_s: float = 0.700
    """How long after a broken scan its late rest may still arrive; a code that begins in that time does not count."""
    no_reads: frozenset[str] = NO_READS
    """What it sends when it found no code, in capital letters."""

    def __post_init__(self) -> None:
        if self.prefix is not None and (len(self.prefix) != 1 or self.prefix in self.suffixes):
            raise ValueError("the prefix is one character that is not a suffix")
        if not 0 < self.gap_s < self.silence_s < self.distrust_s:
            raise ValueError("gap_s, silence_s and distrust_s are above zero and grow in this order")


@dataclass(slots=True)
class _Burst:
    """Characters that are, or may become, one scan. `keys` are kept to hand them on if they turn out to be typed."""

    keys: list[TypedKey] = field(default_factory=list)
    chars: list[str] = field(default_factory=list)
    last_s: float = 0.0
    is_scan: bool = False
    is_cut: bool = False


class WedgeCollector:
    """The ordered collector for one keyboard. Never loses, joins or splits codes; the module's text has the rules."""

    def __init__(self, source: str, settings: WedgeSettings | None = None) -> None:
        self._source = source
        self._settings = settings or WedgeSettings()
        self._burst: _Burst | None = None
        self._typed_s = float("-inf")
        self._typed_fast = ""
        self._ended_s = float("-inf")
        self._broken_s = float("-inf")

    def feed_key(self, key: str, character: str | None, at_s: float) -> list[Output]:
        """Take one key press: Textual's key name, its character if it has one, and when it was read (seconds)."""
        output = self.due(at_s)
        typed = TypedKey(key, character, at_s)
        char = character_of(key, character)
        if char is not None and char == self._settings.prefix:
            return output + self._open(at_s)
        if char is not None and char in self._settings.suffixes:
            return output + self._end(typed, at_s)
        if char is None or not (char.isprintable() or char in CONTENT_CONTROLS):
            return output + self._hand_on_held() + [typed]
        return output + self._content(char, typed, at_s)

    def feed_paste(self, text: str, at_s: float) -> list[Output]:
        """Take one bracketed paste: any number of codes, with GS and line ends inside.

        The brackets say that nobody typed it, so no prefix is asked for; a last piece without suffix waits for one.
        """
        output = self.due(at_s)
        for char in text:
            if char == self._settings.prefix:
                output += self._open(at_s)
            elif char in self._settings.suffixes:
                if self._burst is not None:
                    output += self._end(TypedKey("", char, at_s), at_s)
            else:
                burst = self._burst or self._start(at_s)
                burst.is_scan = True
                self._append(burst, char, at_s)
        return output

    def due(self, now_s: float) -> list[Output]:
        """Say what time alone has decided: held keys that were typed after all, or a scan that never ended."""
        burst, due_s = self._burst, self.next_due_s()
        if burst is None or due_s is None or now_s < due_s:
            return []
        if burst.is_scan:
            return self._break_off(burst, BadReason.NO_SUFFIX)
        return self._hand_on_held()

    def next_due_s(self) -> float | None:
        """When `due` should be called at the latest, or None when nothing is pending."""
        if self._burst is None:
            return None
        return self._burst.last_s + (self._settings.silence_s if self._burst.is_scan else self._settings.gap_s)

    def _start(self, at_s: float) -> _Burst:
        late_rest = at_s - self._broken_s < self._settings.distrust_s
        self._burst = _Burst(last_s=at_s, is_cut=late_rest, is_scan=late_rest)
        return self._burst

    def _open(self, at_s: float) -> list[Output]:
        burst = self._burst
        output = self._break_off(burst, BadReason.CUT) if burst is not None and burst.is_scan else self._hand_on_held()
        self._broken_s = float("-inf")
        self._start(at_s).is_scan = True
        return output

    def _content(self, char: str, typed: TypedKey, at_s: float) -> list[Output]:
        burst = self._burst or self._start(at_s)
        burst.keys.append(typed)
        self._append(burst, char, at_s)
        if self._settings.prefix is not None and not burst.is_scan:
            is_fast = at_s - self._typed_s < self._settings.gap_s
            self._typed_fast = (self._typed_fast + char)[:MAX_CODE_CHARS] if is_fast else char
            return self._hand_on_held()
        if not burst.is_scan and len(burst.chars) >= _SCAN_MIN_CHARS:
            burst.is_scan = True
            # A character handed on as typed just before was its first one, delayed: what is left is half a code.
            burst.is_cut = burst.keys[0].read_at_s - self._typed_s < self._settings.silence_s
        return []

    def _append(self, burst: _Burst, char: str, at_s: float) -> None:
        burst.last_s = max(burst.last_s, at_s)
        if len(burst.chars) <= MAX_CODE_CHARS:
            burst.chars.append(char)

    def _end(self, suffix: TypedKey, at_s: float) -> list[Output]:
        burst = self._burst
        if burst is None:
            # The second half of CR LF, or the late suffix of a broken scan: it must not confirm anything.
            if at_s - self._ended_s < self._settings.gap_s or at_s - self._broken_s < self._settings.distrust_s:
                self._broken_s = float("-inf")
                return []
            typed_fast, is_fast = self._typed_fast, at_s - self._typed_s < self._settings.gap_s
            self._typed_s, self._typed_fast = float("-inf"), ""
            if is_fast and len(typed_fast) >= _UNMARKED_MIN_CHARS:
                self._ended_s = at_s
                return [BadRead(BadReason.CUT, typed_fast, self._source, at_s)]
            return [suffix]
        if not burst.is_scan:
            output = [*self._hand_on_held(), suffix]
            self._typed_s = float("-inf")
            return output
        self._burst = None
        self._ended_s = at_s
        self._broken_s = float("-inf")
        raw = "".join(burst.chars)
        if burst.is_cut:
            return [BadRead(BadReason.CUT, raw, self._source, at_s)]
        return [judge(raw, self._source, at_s, self._settings.no_reads)]

    def _break_off(self, burst: _Burst, reason: BadReason) -> list[Output]:
        self._burst = None
        self._broken_s = burst.last_s
        return [BadRead(reason, "".join(burst.chars), self._source, burst.last_s)]

    def _hand_on_held(self) -> list[Output]:
        if self._burst is None or self._burst.is_scan:
            return []
        burst, self._burst = self._burst, None
        if burst.keys:
            self._typed_s = burst.keys[-1].read_at_s
        return list(burst.keys)
