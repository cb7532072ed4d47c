"""Frames out of the bytes of a serial scanner. Pure: bytes and the time they were read go in, readings come out."""

from dataclasses import dataclass

from drivers.readings import BadRead, BadReason, ScanFrame
from drivers.scanners.code_text import MAX_CODE_CHARS, NO_READS, judge

_MAX_FRAME_BYTES = MAX_CODE_CHARS * 4


@dataclass(frozen=True, slots=True)
class Framing:
    """How the scanner marks a code. Suffixes are single bytes, so CR LF counts as CR and the empty rest is dropped.

    With `prefix` None an STX before a code is accepted and dropped; with a prefix set, bytes before it are a bad read.
    """

    prefix: bytes | None = None
    suffixes: bytes = b"\r\n\t\x03"
    silence_s: float = 0.300
    distrust_s: float = 0.700
    """How long after a broken code its late rest may still arrive; a code that begins in that time does not count."""
    no_reads: frozenset[str] = NO_READS
    """What it sends when it found no code, in capital letters."""

    def __post_init__(self) -> None:
        if not self.suffixes:
            raise ValueError("a serial scanner needs at least one suffix")
        if self.prefix is not None and (len(self.prefix) != 1 or self.prefix in self.suffixes):
            raise ValueError("the prefix is one byte that is not a suffix")


class FrameParser:
    """Collects bytes into codes.

    Any split of the same bytes gives the same readings; a code without its suffix is a bad read, never half a code.
    """

    def __init__(self, source: str, framing: Framing | None = None) -> None:
        self._source = source
        self._framing = framing or Framing()
        self._start_byte = (self._framing.prefix or b"\x02")[0]
        self._frame = bytearray()
        self._is_open = False
        self._is_cut = False
        self._broken_s = float("-inf")
        self._last_s = 0.0

    def feed(self, data: bytes, at_s: float) -> list[ScanFrame | BadRead]:
        """Take the bytes read at one time and return the readings that they complete, in order."""
        readings = self.due(at_s)
        for byte in data:
            if byte == self._start_byte:
                readings += self._break_off(BadReason.CUT)
                self._is_open, self._is_cut, self._broken_s = True, False, float("-inf")
                self._last_s = at_s
            elif byte in self._framing.suffixes:
                readings += self._end(at_s)
            else:
                self._append(byte, at_s)
        return readings

    def due(self, now_s: float) -> list[ScanFrame | BadRead]:
        """Report a code whose suffix has not come in time."""
        due_s = self.next_due_s()
        return self._break_off(BadReason.NO_SUFFIX) if due_s is not None and now_s >= due_s else []

    def next_due_s(self) -> float | None:
        """When `due` should be called at the latest, or None when no code is begun."""
        return self._last_s + self._framing.silence_s if self._frame or self._is_open else None

    def link_lost(self) -> list[ScanFrame | BadRead]:
        """The scanner is gone: what was begun is a bad read, and its rest will never come."""
        readings = self._break_off(BadReason.CUT)
        self._broken_s = float("-inf")
        return readings

    def _append(self, byte: int, at_s: float) -> None:
        if not self._frame and not self._is_open:
            late_rest = at_s - self._broken_s < self._framing.distrust_s
            self._is_cut = late_rest or self._framing.prefix is not None
        self._last_s = at_s
        if len(self._frame) <= _MAX_FRAME_BYTES:
            self._frame.append(byte)

    def _end(self, at_s: float) -> list[ScanFrame | BadRead]:
        raw = self._frame.decode("utf-8", "replace")
        begun = bool(self._frame) or self._is_open
        is_cut = self._is_cut
        self._frame.clear()
        self._is_open = self._is_cut = False
        self._broken_s = float("-inf")
        if not begun:
            return []
        if is_cut:
            return [BadRead(BadReason.CUT, raw[:MAX_CODE_CHARS], self._source, at_s)]
        return [judge(raw, self._source, at_s, self._framing.no_reads)]

    def _break_off(self, reason: BadReason) -> list[ScanFrame | BadRead]:
        if not self._frame and not self._is_open:
            return []
        raw = self._frame.decode("utf-8", "replace")[:MAX_CODE_CHARS]
        self._frame.clear()
        self._is_open = self._is_cut = False
        self._broken_s = self._last_s
        return [BadRead(reason, raw, self._source, self._last_s)]
