"""How a scanner is set, found out from what it sent for the test barcodes. Pure.

The first code shows what stands around a code and what happens to letters; the others are read with that.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from drivers.scanners.check_codes import EAN, GS, GS1, LATIN, LENGTH, LETTERS, UPC, CheckCode

_USUAL_ENDS = frozenset("\r\n\t\x03")
_SLOW_WEDGE_S = 0.012
_PAUSE_S = 0.200
"""Inside a code; after 0.3 s it counts as broken."""

_AS_PRINTED = "as printed"

_US = "`-=y[]\\;'z/~@#^&*()_+Y{}|:\"Z<>?"
_DE = "^ß´zü+#öäy-°\"§&/()=?`ZÜ*'ÖÄY;:_"
"""The same keys of both keyboards."""
_DE_ALT_GR, _US_OF_ALT_GR = "[]{}@~", "8970q]"
"""A US keyboard has nothing behind AltGr: the plain key comes."""
_LAYOUTS: dict[str, Mapping[int, int]] = {
    _AS_PRINTED: {},
    "a US keyboard, while this computer is set to a German one": str.maketrans(_US, _DE),
    "a German keyboard, while this computer is set to a US one": str.maketrans(_DE + _DE_ALT_GR, _US + _US_OF_ALT_GR),
}
_CASES: dict[str, Callable[[str], str]] = {
    _AS_PRINTED: str,
    "swapped": str.swapcase,
    "all capitals": str.upper,
    "all small": str.lower,
}
_UMLAUTS = ("öß", "Öß", "ÖSS")
"""Of the test code, and as a case conversion may leave them."""
_PAGES = {"utf-8": "UTF-8", "cp1252": "Windows-1252 (Latin-1)", "cp850": "code page 850"}


@dataclass(frozen=True, slots=True)
class Heard:
    """What came for one test barcode, up to a silence: the bytes, first to last, and the longest pause in them."""

    raw: bytes
    took_s: float
    longest_pause_s: float


@dataclass(frozen=True, slots=True)
class Finding:
    """One setting. `advice` names the setting to change, and is empty where nothing needs to be changed."""

    subject: str
    found: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`prefix` and `suffix` are what the profile needs, None as long as codes cannot be told apart with them."""

    prefix: str
    suffix: str | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Setting:
    """What stands around each code and what happens to its letters."""

    before: str
    identifier: str
    after: str
    layout: str
    case: str

    def content(self, raw: bytes) -> str | None:
        """What came between the marks, identifier taken off; None when the marks are not there."""
        text = _text(raw)
        if not (text.startswith(self.before) and text.endswith(self.after)):
            return None
        content = text[len(self.before) : len(text) - len(self.after)]
        return content[3:] if self.identifier else content

    def sends(self, text: str) -> str:
        return _CASES[self.case](text.translate(_LAYOUTS[self.layout]))


def diagnose(heard: Mapping[str, Heard], *, is_wedge: bool) -> Diagnosis:
    """Find out how the scanner is set. `heard` is keyed by the names of the test codes; codes may be missing."""
    letters = heard.get(LETTERS.name)
    if letters is None:
        advice = "Scan that one: without it nothing can be said."
        return Diagnosis("", None, (Finding("reading", f"the code {LETTERS.text!r} was not scanned", advice),))
    setting = _setting(letters.raw)
    if setting is None:
        advice = (
            "Set the line as the scanner is set (speed, data bits, parity), and the scanner to its factory setting."
        )
        return Diagnosis("", None, (Finding("reading", f"{shown(letters.raw)} came, which is no code", advice),))
    findings = [
        _prefix(setting, is_wedge=is_wedge),
        _suffix(setting),
        _identifier(setting),
        _case(setting, is_wedge=is_wedge),
        *_layout(setting, is_wedge=is_wedge),
    ]
    for code, judge in ((EAN, _ean), (UPC, _upc), (GS1, _gs), (LATIN, _page)):
        if (came := heard.get(code.name)) is not None:
            findings.append(judge(setting, came.raw))
    findings.append(_speed(setting, heard.get(LENGTH.name, letters), is_wedge=is_wedge))
    usable = _is_start(setting) and _is_end(setting.after)
    return Diagnosis(setting.before, _ends(setting.after) if usable else None, tuple(findings))


def shown(raw: bytes) -> str:
    """Bytes as an administrator can read them: control characters by their names."""
    return "".join(_NAMES.get(char, char if char.isprintable() else f"<{ord(char):02X}>") for char in _text(raw))


_NAMES = {"\r": "<CR>", "\n": "<LF>", "\t": "<TAB>", "\x02": "<STX>", "\x03": "<ETX>", GS: "<GS>", "\x1e": "<RS>"}


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _setting(raw: bytes) -> _Setting | None:
    text = _text(raw)
    for layout in _LAYOUTS:
        for case in _CASES:
            bare = _Setting("", "", "", layout, case)
            before, found, after = text.partition(bare.sends(LETTERS.text))
            if not found:
                continue
            identifier = bare.sends(LETTERS.symbology)
            if not before.endswith(identifier):
                identifier = ""
            return _Setting(before.removesuffix(identifier), identifier, after, layout, case)
    return None


def _is_start(setting: _Setting) -> bool:
    return len(setting.before) <= 1 and setting.before.isascii() and not set(setting.before) & set(setting.after)


def _is_end(after: str) -> bool:
    return after != "" and (
        set(after) <= _USUAL_ENDS or (len(after) == 1 and after.isascii() and not after.isprintable())
    )


def _ends(after: str) -> str:
    """For the profile: nothing where the usual marks do."""
    return "" if set(after) <= _USUAL_ENDS else after


def _prefix(setting: _Setting, *, is_wedge: bool) -> Finding:
    before = setting.before
    if not before:
        advice = "Better: set a prefix of one character, RS (ASCII 30), so that scans need not be told by speed."
        return Finding("prefix", "none", advice if is_wedge else "")
    said = shown(before.encode())
    if not _is_start(setting):
        return Finding("prefix", said, "Set a prefix of one character, or none.")
    if before.isprintable():
        return Finding("prefix", said, "Set a control character such as RS (ASCII 30): this one is also in codes.")
    if is_wedge and before in ("\x02", "\x11"):
        return Finding("prefix", said, "Set RS (ASCII 30): tmux and terminals use this one themselves.")
    return Finding("prefix", said)


def _suffix(setting: _Setting) -> Finding:
    after = setting.after
    if not after:
        return Finding("end mark", "none", "Set the suffix Enter (CR): without it no code counts.")
    if not _is_end(after):
        return Finding("end mark", shown(after.encode()), "Set the suffix Enter (CR) and nothing else.")
    return Finding("end mark", shown(after.encode()))


def _identifier(setting: _Setting) -> Finding:
    if setting.identifier:
        return Finding("symbology identifier", "sent")
    return Finding("symbology identifier", "not sent", "Set it to send the AIM identifier: GS1 codes need it.")


def _case(setting: _Setting, *, is_wedge: bool) -> Finding:
    if setting.case == _AS_PRINTED:
        return Finding("letters", _AS_PRINTED)
    advice = "Switch its case conversion off" + (", and Caps Lock on this computer." if is_wedge else ".")
    return Finding("letters", setting.case, advice)


def _layout(setting: _Setting, *, is_wedge: bool) -> Iterator[Finding]:
    if setting.layout != _AS_PRINTED:
        advice = "Set the scanner to the keyboard (country) of this computer, or to ALT codes."
        yield Finding("keyboard", f"the scanner types on {setting.layout}", advice)
    elif is_wedge:
        yield Finding("keyboard", "the same as this computer's")


def _unclear(subject: str, code: CheckCode, raw: bytes) -> Finding:
    return Finding(
        subject, f"{shown(raw)} came for {code.text!r}", "Scan it once more; if it stays so, reset the scanner."
    )


def _ean(setting: _Setting, raw: bytes) -> Finding:
    match setting.content(raw):
        case EAN.text:
            return Finding("EAN check digit", "sent")
        case content if content == EAN.text[:-1]:
            return Finding("EAN check digit", "not sent", "Set it to send the check digit of EAN-13.")
        case _:
            return _unclear("EAN check digit", EAN, raw)


def _upc(setting: _Setting, raw: bytes) -> Finding:
    """Twelve and thirteen digits are the same number here: codes are compared with fourteen."""
    match setting.content(raw):
        case UPC.text:
            return Finding("UPC-A", "12 digits")
        case UPC.printed:
            return Finding("UPC-A", "13 digits, as EAN-13")
        case content if content and content in UPC.printed:
            return Finding("UPC-A", f"{content} only", "Set it to send number system and check digit of UPC-A.")
        case _:
            return _unclear("UPC-A", UPC, raw)


def _gs(setting: _Setting, raw: bytes) -> Finding:
    content = setting.content(raw) or ""
    first, second = (setting.sends(part) for part in GS1.text.split(GS))
    content = content.removeprefix(GS)
    if not (content.startswith(first) and content.endswith(second) and len(content) >= len(first + second)):
        return _unclear("GS", GS1, raw)
    between = content[len(first) : len(content) - len(second)]
    if between == GS:
        return Finding("GS", "kept")
    advice = "Set it to send FNC1 as GS (ASCII 29), with control characters on."
    return Finding("GS", f"replaced by {shown(between.encode())}" if between else "lost", advice)


def _page(setting: _Setting, raw: bytes) -> Finding:
    if setting.layout != _AS_PRINTED:
        return Finding("code page", "to be seen when the keyboard is right")
    advice = "Set its output to UTF-8, if umlauts are used."
    for page, said in _PAGES.items():
        if any(letters.encode(page) in raw for letters in _UMLAUTS):
            return Finding("code page", said, "" if page == "utf-8" else advice)
    return Finding("code page", f"letters beyond ASCII come as {shown(raw)}", advice)


def _speed(setting: _Setting, heard: Heard, *, is_wedge: bool) -> Finding:
    per_char_s = heard.took_s / max(len(heard.raw) - 1, 1)
    said = f"{per_char_s * 1000:.1f} ms a character, longest pause {heard.longest_pause_s * 1000:.0f} ms"
    slow = is_wedge and not setting.before and per_char_s > _SLOW_WEDGE_S
    if slow or heard.longest_pause_s > _PAUSE_S:
        return Finding("speed", said, "Set its delay between characters to 0" + (", or set a prefix." if slow else "."))
    return Finding("speed", said)
