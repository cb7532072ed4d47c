"""Finished ZPL from a carrier: looked through for what would change the printer, then printed untouched, byte for byte.

A carrier's label may do what ends with the label. It may not write to the printer's memory, set up its media, lean on
what is stored in it, ask it questions whose answers would be taken for its state, or leave a setting behind that our
own labels do not set anew. What is not known is refused as well.

Source: ZPL II Programming Guide (Zebra P1099958), command by command.
"""

import re
from dataclasses import dataclass

_NEUTRAL = {
    "LR": "N",
    "PM": "N",
    "JM": "A",
    "MC": "Y",
    "LT": "0",
    "LS": "0",
    "MM": "T(,[YN])?",
    "MN": "[YWA]",
    "MF": "N,N",
    "SZ": "2",
    "PQ": r"0*[1-9]\d?(,0*(,\d*(,[YN]?(,[YN]?)?)?)?)?",
    "GF": "A,.*",
}
"""Commands that are let through with these parameters only, because others would stay in force or hide something."""

_SHAPES_AND_TEXT = (
    "XA XZ FO FT FM FD FV FS FH FB FR FX FP FW TB CF CI CV LH LL PW PO PR MD PF XB SN SF GB GC GD GE GS A BY"
)
_PRINTING = frozenset(_SHAPES_AND_TEXT.split()) | frozenset(f"B{kind}" for kind in "0123456789ABCDEFIJKLMOPQRSTUXZ")

_REFUSED = {
    "CC": "changes the sign that begins commands",
    "CD": "changes the sign that parts parameters",
    "CT": "changes the sign that begins control commands",
    "CM": "changes the letters of the printer's memories",
    "CW": "gives a stored font another name",
    "DF": "stores a format in the printer",
    "DB": "stores a font in the printer",
    "DE": "stores a table in the printer",
    "DG": "stores a picture in the printer",
    "DN": "breaks off the storing of a picture",
    "DS": "stores a font in the printer",
    "DT": "stores a font in the printer",
    "DU": "stores a font in the printer",
    "DY": "stores a file in the printer",
    "EF": "deletes the stored formats",
    "EG": "deletes the stored pictures",
    "ID": "deletes files in the printer",
    "IS": "stores a picture in the printer",
    "TO": "copies files in the printer",
    "IL": "prints a picture that is stored in the printer and not in the file",
    "IM": "prints a picture that is stored in the printer and not in the file",
    "XG": "prints a picture that is stored in the printer and not in the file",
    "XF": "prints a format that is stored in the printer and not in the file",
    "HF": "asks the printer for a file",
    "HG": "asks the printer for a picture",
    "HH": "asks the printer for its settings",
    "HI": "asks the printer for its kind",
    "HM": "asks the printer for its memory",
    "HQ": "asks the printer for its state",
    "HS": "asks the printer for its state",
    "HT": "asks the printer for its link",
    "HU": "asks the printer for its alerts",
    "HV": "makes the printer answer with a field's data",
    "HW": "asks the printer for its files",
    "HY": "asks the printer for a picture",
    "HZ": "asks the printer for its description",
    "JA": "empties the printer's queue",
    "JB": "deletes a memory of the printer",
    "JC": "calibrates the printer's sensors",
    "JD": "turns the printer's diagnosis on",
    "JE": "turns the printer's diagnosis off",
    "JF": "changes what the printer does when its battery is low",
    "JG": "prints the printer's sensor profile",
    "JI": "starts the printer's BASIC",
    "JJ": "changes the printer's auxiliary port",
    "JL": "changes the printer's label length",
    "JN": "sets the printer's head test",
    "JO": "sets the printer's head test",
    "JP": "pauses the printer",
    "JQ": "stops the printer's BASIC",
    "JR": "restarts the printer",
    "JS": "changes when the printer feeds back",
    "JT": "sets the printer's head test",
    "JU": "saves or resets the printer's settings",
    "JW": "sets the printer's ribbon tension",
    "JX": "breaks off a label",
    "JZ": "changes what the printer does after a fault",
    "KD": "changes the printer's date",
    "KL": "changes the printer's language",
    "KN": "changes the printer's name",
    "KP": "changes the printer's password",
    "MI": "changes the printer's messages",
    "ML": "changes the printer's greatest label length",
    "MP": "locks the printer's keys",
    "MT": "changes the printer's kind of media",
    "MU": "changes the printer's units",
    "MW": "changes the printer's warnings",
    "ND": "changes the printer's network",
    "NS": "changes the printer's network",
    "NC": "changes the printer's network",
    "PH": "feeds a blank label",
    "PP": "pauses the printer",
    "PS": "lets a paused printer go on",
    "PN": "moves the printer's media",
    "RO": "resets the printer's counters",
    "SC": "changes the printer's serial line",
    "SD": "changes the printer's darkness for all labels after it",
    "SE": "selects a stored table of characters for all labels after it",
    "SL": "changes the printer's clock mode",
    "SO": "changes the printer's clock",
    "SP": "starts printing before the label is whole",
    "SQ": "stops the printer's alerts",
    "SR": "changes the printer's head resistance",
    "SS": "changes the printer's sensors",
    "ST": "changes the printer's clock",
    "SX": "changes the printer's alerts",
    "TA": "changes where labels are torn off",
    "WC": "prints the printer's settings",
    "WD": "prints a list of the printer's files",
    "ZZ": "puts the printer to sleep",
}

_NAME = re.compile(rb"[\^~](A|[^\^~]{0,2})", re.DOTALL | re.IGNORECASE)
_PRINTS = frozenset(["FD", "FV", "GB", "GC", "GD", "GE", "GF"])
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BLANK = b" \t\r\n"
_MOST_BYTES = 2_000_000
"""Two uncompressed pictures of 4 x 8 inches at 300 dpi, and room beside them."""
_WHAT_TO_DO = "; nothing was printed; ask the carrier for a label without it"


class UnsafeZpl(ValueError):
    """The file would do more than print its labels. The text says what, where and what to do."""


@dataclass(frozen=True, slots=True)
class CarrierLabel:
    """ZPL that was looked through: `zpl` as it came, and how many labels it prints."""

    zpl: bytes
    labels: int


@dataclass(frozen=True, slots=True)
class _Command:
    sign: str
    name: str
    parameters: str
    line: int


def checked_carrier_zpl(zpl: bytes) -> CarrierLabel:
    """Look through a carrier's file. Raises UnsafeZpl for the first thing that keeps it from being printed.

    `zpl` is one or more whole formats, ^XA to ^XZ, with nothing but blanks around them.
    """
    if len(zpl) > _MOST_BYTES:
        raise UnsafeZpl(
            f"the file holds {len(zpl):,} bytes, more than the {_MOST_BYTES:,} of a few labels; nothing was printed; "
            "fetch the labels from the carrier one by one"
        )
    control = _CONTROL.search(zpl)
    if control is not None:
        raise UnsafeZpl(
            f"line {_line_at(zpl, control.start())} holds the control character {control[0][0]:#04x}, which printers "
            f"take for a command{_WHAT_TO_DO}"
        )
    labels = _labels(_commands(zpl))
    if not labels:
        raise UnsafeZpl(
            "the file holds no whole label: ^XA or ^XZ is missing, or nothing to print stands between them, and a part "
            "would wait in the printer for the next label; nothing was printed; fetch it from the carrier again"
        )
    return CarrierLabel(zpl, labels)


def _labels(commands: list["_Command"]) -> int:
    """How many labels the commands print, 0 when the last one is not whole. Raises UnsafeZpl for what may not be."""
    labels, copies, is_open, prints = 0, 1, False, False
    for command in commands:
        _require_known(command)
        match command.name:
            case "XA" if is_open:
                raise UnsafeZpl(f"line {command.line} begins a label before the last one has ended{_WHAT_TO_DO}")
            case "XA":
                is_open, prints, copies = True, False, 1
            case "XZ":
                # Some carriers end a label twice, which printers pass over.
                labels += copies if is_open and prints else 0
                is_open = False
            case _ if not is_open:
                raise UnsafeZpl(f"^{command.name} in line {command.line} stands outside a label{_WHAT_TO_DO}")
            case "PQ":
                copies = int(command.parameters.partition(",")[0])
            case _:
                prints = prints or command.name in _PRINTS
        if not is_open and command.parameters:
            raise UnsafeZpl(f"{command.parameters[:20]!r} in line {command.line} stands outside a label{_WHAT_TO_DO}")
    return 0 if is_open else labels


def _commands(zpl: bytes) -> list[_Command]:
    """The commands with their parameters, as a printer sees them: line ends count for nothing, wherever they stand."""
    lead = re.match(rb"[^\^~]*", zpl)
    before = lead[0].strip(_BLANK) if lead else b""
    if before:
        raise UnsafeZpl(f"{before[:20]!r} stands before the first label, where printers take settings{_WHAT_TO_DO}")
    commands = []
    line = 1 + zpl.count(b"\n", 0, lead.end() if lead else 0)
    for piece in re.findall(rb"[\^~][^\^~]*", zpl):
        seen = piece.replace(b"\r", b"").replace(b"\n", b"")
        name = _NAME.match(seen)
        size = name.end() if name else 1
        text = seen.decode("latin-1")
        commands.append(_Command(text[0], text[1:size].upper(), text[size:].strip(), line))
        line += piece.count(b"\n")
    return commands


def _require_known(command: _Command) -> None:
    where = f"{command.sign}{command.name} in line {command.line}"
    if command.sign == "^" and command.name in _PRINTING:
        return
    neutral = _NEUTRAL.get(command.name) if command.sign == "^" else None
    if neutral is None:
        does = _REFUSED.get(command.name, "is no printing command that is known here")
        raise UnsafeZpl(f"{where} {does}{_WHAT_TO_DO}")
    if re.fullmatch(neutral, command.parameters, re.IGNORECASE | re.DOTALL) is None:
        raise UnsafeZpl(
            f"{where} with {command.parameters[:20]!r} would stay in force for the labels after it, or is not only "
            f"printing{_WHAT_TO_DO}"
        )


def _line_at(zpl: bytes, place: int) -> int:
    return 1 + zpl.count(b"\n", 0, place)
