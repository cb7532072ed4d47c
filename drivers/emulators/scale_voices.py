"""How emulated scales speak: commands in, the answers that real ones give out. No input or output.

Written from the manuals and apart from the drivers, so that both have to be right to agree. Sources: `drivers.scales`.
"""

from collections.abc import Callable
from typing import Protocol

from drivers.emulators.scale_inside import ScaleInside

HID_DESCRIPTOR = bytes.fromhex(
    "058d0920a101"  # usage page scales; scale device: application collection
    "0932a102"  # scale data report: logical collection
    "8503"  # report 3
    "0970a1021501250875089501197129788100c0"  # scale status: one selector of eight bits
    "0950a1021501250c750895011951295c8100c0"  # weight unit: the same
    "09411581257f750895018102"  # data scaling: a signed byte
    "0940150027ffff0000751095018102"  # data weight: two bytes
    "c0"
    "0931a102"  # scale control report
    "8502"  # report 2
    "098015002501750195019102"  # zero scale: one bit out
    "750795019103"  # seven bits of filling
    "c0c0"
)
"""What a HID scale says of its reports, in the form of the usage tables."""

_HID_UNITS = {"mg": 1, "g": 2, "kg": 3, "ct": 4, "tael": 5, "oz": 11, "lb": 12}
_HID_ZERO = b"\x02\x01"


class Voice(Protocol):
    """One protocol. `obey` takes what was received and returns the answers and what it did not understand."""

    streams: bool

    def obey(self, pending: bytes, scale: ScaleInside) -> tuple[list[bytes], bytes]:
        """Returns the answers and the bytes of a command that is not whole yet."""
        ...

    def frame(self, scale: ScaleInside) -> bytes:
        """The frame that says what the display shows."""
        ...


class LineVoice:
    """Commands end with a mark; `answer` gives one command's answer."""

    def __init__(
        self,
        end: bytes,
        answer: Callable[[bytes, ScaleInside], bytes],
        frame: Callable[[ScaleInside], bytes],
        *,
        streams: bool = False,
    ) -> None:
        self.streams = streams
        self.frame = frame
        self._end = end
        self._answer = answer

    def obey(self, pending: bytes, scale: ScaleInside) -> tuple[list[bytes], bytes]:
        *commands, rest = pending.split(self._end)
        return [self._answer(command, scale) for command in commands], rest


class LetterVoice:
    """Every byte is a command."""

    streams = False

    def __init__(self, answer: Callable[[bytes, ScaleInside], bytes], frame: Callable[[ScaleInside], bytes]) -> None:
        self.frame = frame
        self._answer = answer

    def obey(self, pending: bytes, scale: ScaleInside) -> tuple[list[bytes], bytes]:
        return [self._answer(bytes((letter,)), scale) for letter in pending], b""


def _sics_frame(scale: ScaleInside) -> bytes:
    if scale.range != "within":
        return b"S +\r\n" if scale.range == "over" else b"S -\r\n"
    if scale.is_defect:
        return b"S I\r\n"
    return f"S {'D' if scale.is_moving else 'S'} {scale.net:>10f} {scale.unit}\r\n".encode()


def _sics(command: bytes, scale: ScaleInside) -> bytes:
    match command:
        case b"SI":
            return _sics_frame(scale)
        case b"Z":
            return b"Z A\r\n" if scale.press_zero() else b"Z I\r\n"
        case b"T":
            return f"T S {scale.tare:>10f} {scale.unit}\r\n".encode() if scale.press_tare() else b"T I\r\n"
        case _:
            return b"ES\r\n"


def _8217_status(scale: ScaleInside) -> bytes:
    bits = 0x60 | scale.is_moving | 0x08 * scale.has_lost_zero | 0x10 * (scale.net == 0)
    bits |= 0x02 * (scale.range == "over") | 0x04 * (scale.net < 0)
    return b"\x02?%c\r" % bits


def _8217_frame(scale: ScaleInside) -> bytes:
    if scale.is_moving or scale.range != "within" or scale.net < 0 or scale.has_lost_zero or scale.is_defect:
        return _8217_status(scale)
    return b"\x02%b\r" % f"{scale.net:0{4 + scale.decimals - 1}f}".encode()


def _8217(command: bytes, scale: ScaleInside) -> bytes:
    if command == b"W":
        return _8217_frame(scale)
    if command == b"Z":
        scale.press_zero()
    elif command == b"T":
        scale.press_tare()
    return _8217_status(scale)


def _nci_status(scale: ScaleInside) -> bytes:
    first = 0x30 | scale.is_moving | 0x02 * (scale.net == 0) | 0x04 * scale.is_defect
    second = 0x30 | (scale.net < 0) | 0x02 * (scale.range == "over")
    if not scale.has_lost_zero:
        return b"\nS%c%c\r\x03" % (first, second)
    return b"\nS%c%c%c\r\x03" % (first, second | 0x40, 0x38)


def _nci_frame(scale: ScaleInside) -> bytes:
    shown = "^^^^^^^" if scale.range == "over" else f"{scale.net:07f}"
    return f"\n{shown}{scale.unit.upper()}\r".encode() + _nci_status(scale)


def _nci(command: bytes, scale: ScaleInside) -> bytes:
    match command:
        case b"W":
            return _nci_frame(scale)
        case b"S":
            return _nci_status(scale)
        case b"Z":
            scale.press_zero()
            return _nci_status(scale)
        case _:
            return b"\n?\r\x03"


def _and_frame(scale: ScaleInside) -> bytes:
    if scale.range != "within":
        sign = "+" if scale.range == "over" else "-"
        return f"OL,{sign}99999.99{scale.unit:>3}\r\n".encode()
    if scale.is_defect:
        return b"EC,E2\r\n"
    sign = "-" if scale.net < 0 else "+"
    return f"{'US' if scale.is_moving else 'ST'},{sign}{abs(scale.net):08f}{scale.unit:>3}\r\n".encode()


def _and(command: bytes, scale: ScaleInside) -> bytes:
    match command:
        case b"Q":
            return _and_frame(scale)
        case b"Z":
            return b"\x06\r\n" if scale.press_zero() else b"EC,E11\r\n"
        case b"T":
            return b"\x06\r\n" if scale.press_tare() else b"EC,E11\r\n"
        case _:
            return b"EC,E1\r\n"


def _continuous_frame(scale: ScaleInside, *, has_checksum: bool) -> bytes:
    a = 0x20 | (2 + scale.decimals) | 0x08
    b = (
        0x20
        | 0x10 * (scale.unit == "kg")
        | 0x08 * scale.is_moving
        | 0x04 * (scale.range != "within" or scale.is_defect)
    )
    b |= 0x02 * (scale.net < 0) | (scale.tare != 0) | 0x40 * scale.has_lost_zero
    c = 0x20 | {"g": 1, "t": 2, "oz": 3}.get(scale.unit, 0 if scale.unit in ("kg", "lb") else 7)
    digits = [int(abs(weight).scaleb(scale.decimals)) % 1_000_000 for weight in (scale.net, scale.tare)]
    frame = b"\x02%c%c%c%6d%06d\r" % (a, b, c, *digits)
    return frame + bytes(((-sum(frame)) % 128,)) if has_checksum else frame


def _continuous(command: bytes, scale: ScaleInside) -> bytes:
    if command == b"Z":
        scale.press_zero()
    elif command == b"T":
        scale.press_tare()
    return b""


def _hid_frame(scale: ScaleInside) -> bytes:
    if scale.is_defect or scale.range == "over":
        status = 1 if scale.is_defect else 6
    elif scale.has_lost_zero or scale.is_moving:
        status = 8 if scale.has_lost_zero else 3
    elif scale.net <= 0:
        status = 5 if scale.net < 0 else 2
    else:
        status = 4
    raw = int(abs(scale.net).scaleb(scale.decimals)) & 0xFFFF
    return bytes((3, status, _HID_UNITS.get(scale.unit, 0), -scale.decimals & 0xFF)) + raw.to_bytes(2, "little")


class HidVoice:
    streams = True
    frame = staticmethod(_hid_frame)

    def obey(self, pending: bytes, scale: ScaleInside) -> tuple[list[bytes], bytes]:
        while pending.startswith(_HID_ZERO):
            scale.press_zero()
            pending = pending[len(_HID_ZERO) :]
        return [], pending


VOICES: dict[str, Callable[[], Voice]] = {
    "mt-sics": lambda: LineVoice(b"\r\n", _sics, _sics_frame),
    "toledo-8217": lambda: LetterVoice(_8217, _8217_frame),
    "nci": lambda: LineVoice(b"\r", _nci, _nci_frame),
    "a-and-d": lambda: LineVoice(b"\r\n", _and, _and_frame),
    "a-and-d-stream": lambda: LineVoice(b"\r\n", _and, _and_frame, streams=True),
    "toledo-continuous": lambda: LineVoice(
        b"\r\n", _continuous, lambda scale: _continuous_frame(scale, has_checksum=False), streams=True
    ),
    "toledo-continuous-checksum": lambda: LineVoice(
        b"\r\n", _continuous, lambda scale: _continuous_frame(scale, has_checksum=True), streams=True
    ),
    "hid": HidVoice,
}
